namespace GitOpsGrains.Grains.Hosting;

/// <summary>The data belongs to an installation of another name than the setting says.</summary>
public sealed class InstallationNameException(string stored, string configured) : Exception(
    $"the data belongs to the installation '{stored}', the setting Installation:Name says '{configured}'; the name is set once, since every managed object carries it");

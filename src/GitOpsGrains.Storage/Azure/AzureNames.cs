namespace GitOpsGrains.Storage.Azure;

/// <summary>Names that Azure storage takes.</summary>
internal static class AzureNames
{
    private const int MaxPrefix = 40;

    /// <summary>The service id as the beginning of container names: lower-case letters, digits and single hyphens.</summary>
    /// <exception cref="StorageSettingsException">The service id is no such text.</exception>
    public static string ContainerPrefix(string serviceId)
    {
        var fits = serviceId.Length is > 0 and <= MaxPrefix && serviceId.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-')
            && serviceId[0] != '-' && serviceId[^1] != '-' && !serviceId.Contains("--", StringComparison.Ordinal);
        return fits ? serviceId : throw new StorageSettingsException(
            $"the service id '{serviceId}' can't begin the name of a blob container: at most {MaxPrefix} lower-case letters, digits and single hyphens");
    }
}

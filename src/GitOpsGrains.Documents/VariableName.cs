namespace GitOpsGrains.Documents;

/// <summary>What a variable of <see cref="SubstituteSpec"/> may be called: letters, digits and '_', not beginning with a digit.</summary>
public static class VariableName
{
    public static bool Is(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty || char.IsAsciiDigit(name[0])) return false;
        foreach (var letter in name)
            if (!IsPart(letter)) return false;
        return true;
    }

    public static bool IsPart(char letter) => char.IsAsciiLetterOrDigit(letter) || letter == '_';
}

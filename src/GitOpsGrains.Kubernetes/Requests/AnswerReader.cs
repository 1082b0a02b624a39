namespace GitOpsGrains.Kubernetes.Requests;

/// <summary>Makes a value of an answer's body; the bytes are gone afterwards. Errors: JsonException.</summary>
internal delegate T AnswerReader<out T>(ReadOnlySpan<byte> body);

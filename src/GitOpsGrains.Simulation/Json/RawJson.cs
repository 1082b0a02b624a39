using System.Buffers;
using System.Text.Json;

namespace GitOpsGrains.Simulation.Json;

/// <summary>A part that stays text: it is read and written by who knows its form.</summary>
internal sealed class RawJson(ReadOnlyMemory<byte> json) : JsonNode
{
    public ReadOnlyMemory<byte> Json => json;

    public override JsonNode DeepClone() => this;

    public override JsonValueKind GetValueKind() => JsonValueKind.Undefined;

    public override void WriteTo(IBufferWriter<byte> output) => output.Write(json.Span);
}

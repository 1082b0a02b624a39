using System.Buffers;
using System.Text.Json;

namespace GitOpsGrains.Simulation.Json;

/// <summary>A part that is only ever written, by who knows how.</summary>
internal sealed class RawJson(Action<IBufferWriter<byte>> write) : JsonNode
{
    public override JsonNode DeepClone() => this;

    public override JsonValueKind GetValueKind() => JsonValueKind.Undefined;

    public override void WriteTo(IBufferWriter<byte> output) => write(output);
}

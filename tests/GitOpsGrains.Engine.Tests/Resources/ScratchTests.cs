using System.Buffers;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Tests.Resources;

public sealed class ScratchTests
{
    [Fact]
    public void Take_WhileAnotherIsTaken_IsAnotherOneAndEmpty()
    {
        using var outer = Scratch.Take();
        outer.Output.Write("outer"u8);

        using var inner = Scratch.Take();

        Assert.Equal(0, inner.Output.WrittenCount);
        inner.Output.Write("inner"u8);
        Assert.Equal("outer"u8, outer.Output.WrittenSpan);
    }

    [Fact]
    public void Take_AfterOneWasDisposedOf_HasNothingOfItsBytes()
    {
        using (var first = Scratch.Take()) first.Output.Write("password"u8);

        using var second = Scratch.Take();

        Assert.Equal(0, second.Output.WrittenCount);
        Assert.Equal(new byte[8], second.Output.GetSpan(8)[..8].ToArray());
    }

    [Fact]
    public void Dispose_OfACopyAsWell_DoesNotGiveItToTwo()
    {
        var first = Scratch.Take();
        var copy = first;
        first.Dispose();
        copy.Dispose();

        using var second = Scratch.Take();
        using var third = Scratch.Take();

        Assert.NotSame(second.Output, third.Output);
    }

    [Fact]
    public void Dispose_OfALargeOne_IsNotKept()
    {
        ArrayBufferWriter<byte> large;
        using (var scratch = Scratch.Take())
        {
            large = scratch.Output;
            large.Write(new byte[300 * 1024]);
        }

        using var first = Scratch.Take();
        using var second = Scratch.Take();

        Assert.NotSame(large, first.Output);
        Assert.NotSame(large, second.Output);
    }

    [Fact]
    public void DigestBuilder_InABufferThatWasUsedBefore_GivesTheSame()
    {
        var before = Digest();
        using (var scratch = Scratch.Take()) scratch.Output.Write("something else that is longer than what comes"u8);

        Assert.Equal(before, Digest());

        static string Digest()
        {
            using var digest = new DigestBuilder();
            return digest.Add("a").Add("b"u8).Finish().ToString();
        }
    }

    [Fact]
    public void Take_AgainAndAgainInPairs_AllocatesNothing()
    {
        Pair();
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var round = 0; round < 100; round++) Pair();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        static void Pair()
        {
            using var outer = Scratch.Take();
            using var inner = Scratch.Take();
            inner.Output.Write("inner"u8);
            outer.Output.Write(inner.Output.WrittenSpan);
        }
    }
}

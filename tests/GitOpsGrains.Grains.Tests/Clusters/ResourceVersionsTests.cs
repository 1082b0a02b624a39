using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Tests.Clusters;

public sealed class ResourceVersionsTests
{
    [Theory]
    [InlineData("9", "10", true)]
    [InlineData("10", "9", false)]
    [InlineData("10", "10", false)]
    [InlineData("", "10", false)]
    [InlineData("9", "x", false)]
    [InlineData("-1", "10", false)]
    [InlineData("18446744073709551614", "18446744073709551615", true)]
    public void IsBefore_OrdersNumbersOnly(string left, string right, bool expected) => Assert.Equal(expected, ResourceVersions.IsBefore(left, right));
}

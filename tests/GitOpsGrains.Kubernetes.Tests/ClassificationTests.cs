using System.Text;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Kubernetes.Answers;

namespace GitOpsGrains.Kubernetes.Tests;

public sealed class ClassificationTests
{
    [Theory]
    [InlineData(400, "BadRequest", "bad", ClusterErrorKind.Invalid)]
    [InlineData(401, "Unauthorized", "Unauthorized", ClusterErrorKind.Unauthorized)]
    [InlineData(403, "Forbidden", "exceeded quota", ClusterErrorKind.Forbidden)]
    [InlineData(404, "NotFound", "configmaps \"a\" not found", ClusterErrorKind.NotFound)]
    [InlineData(409, "AlreadyExists", "exists", ClusterErrorKind.AlreadyExists)]
    [InlineData(409, "Conflict", "the object has been modified", ClusterErrorKind.Conflict)]
    [InlineData(410, "Expired", "too old", ClusterErrorKind.Gone)]
    [InlineData(413, "", "too large", ClusterErrorKind.Invalid)]
    [InlineData(415, "UnsupportedMediaType", "no apply", ClusterErrorKind.Invalid)]
    [InlineData(422, "Invalid", "spec.ports[0].port: Invalid value", ClusterErrorKind.Invalid)]
    [InlineData(429, "TooManyRequests", "slow down", ClusterErrorKind.TooManyRequests)]
    [InlineData(500, "", "failed to create typed patch object (a/b; apps/v1, Kind=Deployment): .spec.foo: field not declared in schema", ClusterErrorKind.ObjectRefused)]
    [InlineData(500, "", "failed to create manager for existing fields: .spec.ports: element 0: associative list with keys has an element that omits key field \"protocol\"", ClusterErrorKind.ObjectRefused)]
    [InlineData(500, "", ".spec.template.spec.containers[name=\"a\"].env: duplicate entries for key [name=\"A\"]", ClusterErrorKind.ObjectRefused)]
    [InlineData(500, "", "etcdserver: request is too large", ClusterErrorKind.ObjectRefused)]
    [InlineData(500, "InternalError", "Internal error occurred: failed calling webhook \"a.b\": connection refused", ClusterErrorKind.WebhookFailed)]
    [InlineData(500, "InternalError", "conversion webhook for example.com/v1, Kind=A failed: Post: timeout", ClusterErrorKind.WebhookFailed)]
    [InlineData(500, "InternalError", "etcdserver: leader changed", ClusterErrorKind.Unavailable)]
    [InlineData(502, "", "bad gateway", ClusterErrorKind.Unavailable)]
    [InlineData(503, "ServiceUnavailable", "apiserver is shutting down", ClusterErrorKind.Unavailable)]
    [InlineData(504, "Timeout", "request did not complete", ClusterErrorKind.Unavailable)]
    [InlineData(302, "", "elsewhere", ClusterErrorKind.Malformed)]
    public void Classify_ByStatusAndMessage_SaysWhatItMeans(int status, string reason, string message, ClusterErrorKind expected)
    {
        var error = AnswerClassifier.Classify(status, new StatusDocument(status, reason, message, null, []), null, SecretMask.None);

        Assert.Equal(new ClusterError(expected, status, message), error);
    }

    [Fact]
    public void Classify_OfAnImmutableUid_IsAConflict()
    {
        var document = new StatusDocument(422, "Invalid", "metadata.uid: Invalid value", null, ["metadata.uid"]);

        Assert.Equal(ClusterErrorKind.Conflict, AnswerClassifier.Classify(422, document, null, SecretMask.None).Kind);
    }

    [Fact]
    public void Classify_OfA429_TakesTheHeaderBeforeTheDocument()
    {
        var document = new StatusDocument(429, "TooManyRequests", "slow", TimeSpan.FromSeconds(7), []);

        Assert.Equal(TimeSpan.FromSeconds(3), AnswerClassifier.Classify(429, document, TimeSpan.FromSeconds(3), SecretMask.None).RetryAfter);
        Assert.Equal(TimeSpan.FromSeconds(7), AnswerClassifier.Classify(429, document, null, SecretMask.None).RetryAfter);
    }

    [Fact]
    public void Parse_OfPlainText_KeepsItAsTheMessage()
    {
        var document = StatusDocument.Parse("service unavailable\n"u8);

        Assert.Equal(("service unavailable", "", 0), (document.Message, document.Reason, document.Code));
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"code":"x","message":7,"details":[],"reason":null}""")]
    [InlineData("""{"details":{"causes":[1,{"field":2}],"retryAfterSeconds":-1}}""")]
    [InlineData("[]")]
    public void Parse_OfAnOddDocument_HasNoMessage(string json)
    {
        var document = StatusDocument.Parse(Encoding.UTF8.GetBytes(json));

        Assert.Equal(("", "", 0, null), (document.Message, document.Reason, document.Code, document.RetryAfter));
    }

    [Theory]
    [InlineData("data.key: Invalid value: \"pa\\\"ss\": too long", "data.key: Invalid value: ***: too long")]
    [InlineData("illegal base64 data at input byte 3, error found in #10 byte of ...|y\":\"s3cr\"},|..., bigger context ...|s3cr3t|...", "illegal base64 data at input byte 3: ***")]
    [InlineData(".data.a: expected string, got &value.valueUnstructured{Value:1234}", ".data.a: expected string: ***")]
    [InlineData("the value c2VjcmV0LXZhbHVl is secret-value and also plain-value", "the value *** is *** and also ***")]
    public void Mask_OfASecretsMessage_HidesItsValues(string message, string expected)
    {
        var body = """{"kind":"Secret","data":{"a":"c2VjcmV0LXZhbHVl"},"stringData":{"b":"plain-value"}}"""u8.ToArray();

        Assert.Equal(expected, new SecretMask(true, body).Apply(message));
    }

    [Fact]
    public void Mask_OfAPatchOfASecret_HidesItsValues()
    {
        var body = """[{"op":"add","path":"/data/x","value":"plain-value"}]"""u8.ToArray();

        Assert.Equal("no ***", new SecretMask(true, body).Apply("no plain-value"));
    }

    [Theory]
    [InlineData("header Bearer abcdefgh12345 refused", "header Bearer *** refused")]
    [InlineData("token eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrIn0.c2ln expired", "token *** expired")]
    [InlineData("Deployment \"web\" is invalid: Invalid value: \"x\"", "Deployment \"web\" is invalid: Invalid value: \"x\"")]
    public void Mask_OfAnyMessage_HidesCredentialsOnly(string message, string expected) => Assert.Equal(expected, SecretMask.None.Apply(message));
}

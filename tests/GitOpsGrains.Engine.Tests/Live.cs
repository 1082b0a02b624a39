using System.Text.Json;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Tests;

/// <summary>Live objects in the shape that real servers answer.</summary>
internal static class Live
{
    public const string Uid = "0d1f4b4e-8c4c-4a53-9d2c-2f3a1b0c5d6e";

    public static LiveObject Of(string json, string apiVersion = "v1", string kind = "ConfigMap") =>
        LiveObject.From(JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 256 }).RootElement, apiVersion, kind);

    public static JsonElement Json(string json) => JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 256 }).RootElement;

    /// <summary>A ConfigMap that we applied, with one key of another manager.</summary>
    public const string ConfigMap = """
        {"apiVersion":"v1","kind":"ConfigMap",
         "metadata":{"name":"settings","namespace":"web","uid":"0d1f4b4e-8c4c-4a53-9d2c-2f3a1b0c5d6e","resourceVersion":"1042",
          "creationTimestamp":"2026-01-01T00:00:00Z",
          "labels":{"gitopsgrains.io/managed":"true","team":"web"},
          "annotations":{"gitopsgrains.io/target":"default/shop/web:/ConfigMap:web/settings","gitopsgrains.io/digest":"d1","other":"o"},
          "managedFields":[
           {"manager":"gitopsgrains","operation":"Apply","apiVersion":"v1","time":"2026-01-01T00:00:01Z","fieldsType":"FieldsV1",
            "fieldsV1":{"f:data":{"f:a":{},"f:b":{}},"f:metadata":{"f:annotations":{"f:gitopsgrains.io/digest":{},"f:gitopsgrains.io/target":{}},"f:labels":{"f:gitopsgrains.io/managed":{},"f:team":{}}}}},
           {"manager":"kubectl-edit","operation":"Update","apiVersion":"v1","time":"2026-01-01T00:00:02Z","fieldsType":"FieldsV1",
            "fieldsV1":{"f:data":{"f:c":{}},"f:metadata":{"f:annotations":{"f:other":{}}}}}]},
         "data":{"a":"1","b":"2","c":"foreign"}}
        """;

    public const string Deployment = """
        {"apiVersion":"apps/v1","kind":"Deployment",
         "metadata":{"name":"web","namespace":"web","uid":"0d1f4b4e-8c4c-4a53-9d2c-2f3a1b0c5d6e","resourceVersion":"77","generation":3,
          "labels":{"gitopsgrains.io/managed":"true"},
          "annotations":{"gitopsgrains.io/target":"default/shop/web:apps/Deployment:web/web"},
          "finalizers":["example.com/ours"],"ownerReferences":[{"uid":"u-1","name":"ours"}],
          "managedFields":[
           {"manager":"gitopsgrains","operation":"Apply","apiVersion":"apps/v1","time":"2026-01-01T00:00:01Z","fieldsType":"FieldsV1",
            "fieldsV1":{"f:metadata":{"f:annotations":{"f:gitopsgrains.io/target":{}},"f:labels":{"f:gitopsgrains.io/managed":{}},
              "f:finalizers":{"v:\"example.com/ours\"":{}},"f:ownerReferences":{"k:{\"uid\":\"u-1\"}":{}}},
             "f:spec":{"f:replicas":{},"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"app\"}":{".":{},"f:image":{},"f:name":{}}}}}}}},
           {"manager":"kube-controller-manager","operation":"Update","apiVersion":"apps/v1","subresource":"status","time":"2026-01-01T00:00:09Z","fieldsType":"FieldsV1",
            "fieldsV1":{"f:status":{"f:replicas":{}}}}]},
         "spec":{"replicas":2,"template":{"spec":{"containers":[{"name":"app","image":"app:1"}]}}},
         "status":{"observedGeneration":3,"replicas":2,"updatedReplicas":2,"availableReplicas":2}}
        """;
}

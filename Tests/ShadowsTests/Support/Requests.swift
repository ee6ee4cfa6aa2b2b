@testable import Shadows

extension ShadowRequest {
    /// A request of a test that calls the queue or the tables by itself. The token tells requests apart.
    static func make(
        _ operation: Operation, _ key: ShadowKey = ShadowKey(thing: "t"), token: String? = nil, source: String = "mqtt:c"
    ) -> ShadowRequest {
        ShadowRequest(key: key, operation: operation, clientToken: token, source: source, reply: .topics(nil))
    }
}

extension ShadowRequest.Operation {
    static func update(state: String, version: Int64? = nil) throws(ShadowChange.Refusal) -> ShadowRequest.Operation {
        .update(try ShadowChange(#"{"state":\#(state)\#(version.map { #","version":\#($0)"# } ?? "")}"#, limits: .open))
    }
}

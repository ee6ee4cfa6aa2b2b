import CLibFuzzer
import Identity
import JSON

@main struct FuzzPolicy {
    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        _ = LLVMFuzzerRunDriver(&count, &arguments, fuzzPolicy)
    }
}

/// The input is a policy document, a line feed and the resource that is asked for. Whatever compiles is decided for a connection that
/// knows everything and for one that knows nothing.
private func fuzzPolicy(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    let split = bytes.lastIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
    let text = String(decoding: bytes[..<split], as: UTF8.self)
    let topic = String(decoding: bytes[split...].dropFirst(), as: UTF8.self)
    let document: PolicyDocument
    do throws(PolicyError) {
        document = try PolicyDocument(parsing: text)
    } catch {
        precondition(error.message.utf8.starts(with: "Policy document is Malformed: ".utf8))
        return 0
    }
    let set = PolicySet([PolicySet.Entry(name: "fuzz", version: "1", document: document)])
    for resource in [topic, "arn:aws:iot:us-east-1:123456789012:topic/" + topic] {
        for action in actions {
            for context in contexts { check(set, PolicyRequest(action: action, resource: resource, context: context)) }
        }
    }
    return 0
}

/// The two ways to ask agree, and no explanation contradicts itself.
private func check(_ set: PolicySet, _ request: PolicyRequest) {
    let decision = set.decide(request)
    let explanation = set.explain(request)
    precondition(decision == explanation.decision)
    switch decision.outcome {
    case .allowed(let statement): precondition(explanation.denying.isEmpty && explanation.allowing.contains(statement))
    case .explicitDeny(let statement): precondition(explanation.denying.contains(statement))
    case .implicitDeny(let missing):
        precondition(explanation.denying.isEmpty && explanation.allowing.isEmpty)
        precondition(missing.allSatisfy(explanation.missingVariables.contains))
    }
}

private let actions: [PolicyAction] = [.connect, .publish, .receive, "iotjobsdata:UpdateJobExecution", "*"]

private let contexts = [
    PolicyContext(now: { 1_700_000_000_000 }),
    PolicyContext(
        clientID: "a*?+", sourceIP: "::ffff:192.0.2.1", domainName: "d", certificateID: "c",
        certificate: CertificateAttributes(
            subject: CertificateAttributes.Party(names: [.commonName: ["a", "b"]], alternativeNames: [.dnsName: ["x"]]), serialNumber: "7"),
        thing: PolicyContext.Thing(name: "t", typeName: "y", attributes: ["a": "b"]), isThingAttached: true,
        connectAttributes: [.lastWill, .persistentConnect], lastWillTopic: "w", isSecureTransport: true, userAgent: "u",
        additional: ["k": ["1", "2"]], now: { 1_700_000_000_000 }),
]

import AWSAPI
import Foundation

/// `enableBatching` and `batchConfig` of an http action: several results in one request, as a JSON array.
enum HTTPBatch {
    static let sizes = 2...10
    static let openMilliseconds = 5...200
    static let bytes = 100...131_072

    /// Nil when the action posts each result alone.
    static func batching(_ fields: ActionFields, url: SubstitutionTemplate) throws(AWSError) -> ActionBatching? {
        let isEnabled = try fields.input.bool("enableBatching")
        let config = try fields.nested("batchConfig")
        guard isEnabled else {
            guard config == nil else { throw .invalidRequest("batchConfig is given, but enableBatching is not true.") }
            return nil
        }
        let maxItems = try config?.input.optionalInt("maxBatchSize", range: Self.sizes) ?? 10
        let openMilliseconds = try config?.input.optionalInt("maxBatchOpenMs", range: Self.openMilliseconds) ?? 20
        let maxBytes = try config?.input.optionalInt("maxBatchSizeBytes", range: Self.bytes) ?? 5_120
        let acrossTopics = try config?.input.bool("batchAcrossTopics") ?? false
        // The array's brackets and the missing last comma.
        let limits = BatchLimits(maxItems: maxItems, maxBytes: maxBytes - 1, maxOpen: .milliseconds(openMilliseconds))
        return ActionBatching(
            limits: limits, size: { Self.size(of: $0) + 1 }, key: { Self.key(of: $0, url, acrossTopics: acrossTopics) },
            report: acrossTopics ? .acrossTopics : .ofOneTopic)
    }

    /// What goes together: results for one URL, of one topic unless all topics may.
    private static func key(of item: ActionItem, _ url: SubstitutionTemplate, acrossTopics: Bool) -> String {
        let topic = acrossTopics ? "" : item.invocation.message.sql.topic
        // With functions that leave the process the URL is known only when it is sent; then the batch is parted.
        guard !url.isConstant, url.externalFunctions.isEmpty,
            let text = try? url.evaluate(item.invocation.message.sql, variables: item.output.variables)
        else { return topic }
        return "\(topic)\0\(text)"
    }

    // MARK: The body

    static func body(_ items: [ActionItem]) -> [UInt8] {
        var body: [UInt8] = [UInt8(ascii: "[")]
        for (place, item) in items.enumerated() {
            if place > 0 { body.append(UInt8(ascii: ",")) }
            switch item.output.body {
            case .json: body += item.bytes
            // What is not JSON stands in JSON as base64.
            case .raw(let bytes): body += Array("\"\(Data(bytes).base64EncodedString())\"".utf8)
            }
        }
        return body + [UInt8(ascii: "]")]
    }

    private static func size(of item: ActionItem) -> Int {
        switch item.output.body {
        case .json: item.bytes.count
        case .raw(let bytes): (bytes.count + 2) / 3 * 4 + 2
        }
    }
}

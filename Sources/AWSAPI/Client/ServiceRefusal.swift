internal import HTTPTypes
internal import JSON
internal import NIOCore

extension APIResponse {
    package var isSuccess: Bool { (200..<300).contains(self.status) }

    /// What a service refused with, in whichever protocol it answered; nil for a success.
    package var refusal: AWSError? {
        guard !self.isSuccess else { return nil }
        let text = String(buffer: self.body)
        let json = try? JSONValue(parsing: text)
        // Some append a namespace, before a hash sign or behind a colon.
        let type = self.headers[.amznErrorType] ?? json?["__type"]?.stringValue ?? Self.content("Code", of: text)
        let name = type?.split(separator: "#").last?.split(separator: ":").first.map(String.init) ?? "Status\(self.status)"
        let message =
            json?["message"]?.stringValue ?? json?["Message"]?.stringValue ?? json?["error"]?["reason"]?.stringValue
            ?? Self.content("Message", of: text) ?? ""
        return AWSError(name: name, status: self.status, message: message)
    }

    /// The text of the first element with this name in an error document.
    private static func content(_ element: String, of text: String) -> String? {
        guard let start = text.firstRange(of: "<\(element)>") else { return nil }
        let rest = text[start.upperBound...]
        guard let end = rest.firstRange(of: "</\(element)>") else { return nil }
        return String(rest[..<end.lowerBound]).replacing("&lt;", with: "<").replacing("&gt;", with: ">")
            .replacing("&quot;", with: "\"").replacing("&amp;", with: "&")
    }
}

extension AWSError {
    /// Whether the same request may succeed later: the service is overloaded or broken, not the request.
    package var isTransient: Bool {
        if self.status >= 500 || self.status == 429 { return true }
        return Self.transientNames.contains(self.name) || self.name.contains("Throttl")
    }

    private static let transientNames: Set<String> = [
        "ProvisionedThroughputExceededException", "RequestLimitExceeded", "LimitExceededException", "TooManyRequestsException", "SlowDown",
        "ServiceUnavailableException", "InternalServerError", "InternalFailure", "RequestTimeout", "RequestTimeoutException",
        "TransactionInProgressException", "KMSThrottlingException", "BandwidthLimitExceeded", "PriorRequestNotComplete",
    ]
}

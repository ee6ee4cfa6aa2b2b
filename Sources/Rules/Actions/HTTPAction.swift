import AWSAPI
import CoreMetrics
import Foundation
import HTTPTypes
import NIOCore

/// `http`: posts the result to a web server that has confirmed that it wants it (AWS IoT Developer Guide, rules).
struct HTTPAction: RuleAction {
    static let key = "http"
    static let failureName = "HttpAction"
    /// Tries of one result, the first included.
    static let maxTries = 3
    /// For all tries of one result together.
    static let timeout = Duration.milliseconds(3_000)
    static let firstBackOff = Duration.milliseconds(100)

    private let url: SubstitutionTemplate
    /// Nil when it is the URL itself.
    private let confirmationURL: SubstitutionTemplate?
    private let headers: HTTPActionHeaders
    private let signing: HTTPSigning?
    private let services: ActionServices
    let resource: String
    let destinationURLs: [String]
    let batching: ActionBatching?
    let concurrency = 8

    init(_ fields: ActionFields) throws(AWSError) {
        let input = fields.input
        self.services = fields.services
        self.resource = try input.string("url", max: HTTPAddress.maxCharacters)
        self.url = try fields.template("url")
        let confirmation = try input.optionalString("confirmationUrl", min: 1, max: HTTPAddress.maxCharacters)
        self.confirmationURL = try fields.optionalTemplate("confirmationUrl")
        self.headers = try HTTPActionHeaders(fields)
        self.signing = try HTTPSigning(fields)
        self.batching = try HTTPBatch.batching(fields, url: self.url)
        guard self.confirmationURL != nil || self.url.isConstant else {
            throw .invalidRequest("The action's field confirmationUrl is missing: a url with substitution templates needs it.")
        }
        let settings = fields.services.settings
        let address: HTTPAddress? = self.url.isConstant ? try Self.address(self.resource, "url", settings) : nil
        guard let constant = confirmation ?? (address == nil ? nil : self.resource), self.confirmationURL?.isConstant ?? true else {
            // Which destinations it needs, the messages say: they have to be there.
            self.destinationURLs = []
            return
        }
        let confirmed = try Self.address(constant, "confirmationUrl", settings)
        if let address, !address.isCovered(by: confirmed) {
            throw .invalidRequest("confirmationUrl: \(constant) is not the beginning of url, \(self.resource).")
        }
        self.destinationURLs = [constant]
    }

    private static func address(_ text: String, _ field: String, _ settings: RulesSettings) throws(AWSError) -> HTTPAddress {
        do {
            return try HTTPAddress(text, settings)
        } catch {
            throw .invalidRequest("\(field): \(error)")
        }
    }

    // MARK: Delivering

    func deliver(_ items: [ActionItem]) async -> [ActionOutcome] {
        if self.batching != nil { return await self.deliverBatch(items) }
        var outcomes: [ActionOutcome] = []
        for item in items { outcomes.append(await self.deliver(item)) }
        return outcomes
    }

    private func deliver(_ item: ActionItem) async -> ActionOutcome {
        let metrics = HTTPActionMetrics(rule: item.invocation.rule.definition.name)
        do {
            let address = try await self.address(item, metrics)
            let fields = try await self.headers.fields(item, contentType: item.output.contentType)
            return try await self.send(item.bytes, to: address, fields, metrics)
        } catch {
            return .failed("\(error)", mayRetry: false)
        }
    }

    /// One request for each URL, which are the same but where external functions make them.
    private func deliverBatch(_ items: [ActionItem]) async -> [ActionOutcome] {
        await ActionBatch.deliver(
            items,
            prepare: { item in
                let metrics = HTTPActionMetrics(rule: item.invocation.rule.definition.name)
                return (try await self.address(item, metrics), try await self.headers.fields(item, contentType: "application/json"))
            },
            send: { address, members in
                // As in AWS the last one's headers are the batch's.
                guard let last = members.last else { return [] }
                let metrics = HTTPActionMetrics(rule: last.item.invocation.rule.definition.name)
                let outcome: ActionOutcome
                do {
                    outcome = try await self.send(HTTPBatch.body(members.map(\.item)), to: address, last.entry, metrics)
                } catch {
                    outcome = .failed("\(error)", mayRetry: false)
                }
                return members.map { _ in outcome }
            })
    }

    /// Where a result goes, when it may.
    private func address(_ item: ActionItem, _ metrics: HTTPActionMetrics) async throws -> HTTPAddress {
        let url = try await item.text(self.url)
        let confirmation = try await item.text(self.confirmationURL) ?? url
        let address: HTTPAddress
        let confirmed: HTTPAddress
        do {
            address = try HTTPAddress(url, self.services.settings)
            confirmed = try HTTPAddress(confirmation, self.services.settings)
        } catch {
            metrics.invalidURL.increment()
            throw error
        }
        guard address.isCovered(by: confirmed) else {
            throw ActionProblem("The confirmation URL \(confirmation) is not the beginning of the URL \(url).")
        }
        switch self.services.destinations.find(confirmation)?.status {
        case .enabled: return address
        case .some(let status):
            throw ActionProblem("The destination with the confirmation URL \(confirmation) is \(status.rawValue), not ENABLED.")
        case nil: throw ActionProblem("There is no destination with the confirmation URL \(confirmation): create and confirm one.")
        }
    }

    /// Tries within the time that all tries have together.
    private func send(
        _ body: [UInt8], to address: HTTPAddress, _ fields: HTTPFields, _ metrics: HTTPActionMetrics
    ) async throws -> ActionOutcome {
        let end = ContinuousClock.now + Self.timeout
        var backOff = BackOff(first: Self.firstBackOff, longest: Self.timeout)
        var attempt = 1
        while true {
            let headers = try self.signed(body, to: address, fields).map { (name: $0.name.rawName, value: $0.value) }
            let answer = await self.services.http.post(address.text, headers: headers, body: body, timeout: end - ContinuousClock.now)
            metrics.count(answer)
            guard let problem = HTTPTry(answer) else { return .done }
            let pause = backOff.next()
            guard problem.mayRetry, attempt < Self.maxTries, ContinuousClock.now + pause < end else {
                let tries = attempt == 1 ? "" : " It was tried \(attempt) times."
                // A message of the journal is sent again after the next start.
                return .failed("\(problem.reason)\(tries)", mayRetry: self.services.http.isStopping)
            }
            try? await Task.sleep(for: pause)
            attempt += 1
        }
    }

    private func signed(_ body: [UInt8], to address: HTTPAddress, _ fields: HTTPFields) throws(ActionProblem) -> HTTPFields {
        guard let signing else { return fields }
        guard let key = self.services.signingKey else {
            throw ActionProblem(
                "The request has to be signed, and this server has no credentials for it: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
        }
        return signing.sign(fields, body, to: address, with: key)
    }
}

/// What one try says about the next. Pure.
struct HTTPTry: Sendable, Equatable {
    let reason: String
    let mayRetry: Bool

    /// Nil for a success.
    init?(_ answer: HTTPAnswer) {
        switch answer {
        case .answered(let status, _) where (200..<300).contains(status): return nil
        case .answered(let status, let body):
            let more =
                switch body {
                case .complete: ""
                case .tooLong: ", and more than \(HTTPSender.maxAnswerBytes) bytes"
                case .cut: ", and closed the connection"
                }
            self.reason = "The endpoint answered with status \(status)\(more)."
            self.mayRetry = body == .complete && (status == 429 || (500..<600).contains(status))
        case .failed(let failure):
            self.reason = "\(failure.description.prefix(1).uppercased())\(failure.description.dropFirst())."
            self.mayRetry = false
        }
    }
}

/// `auth.sigv4` of an http action. The role is not assumed: what signs are this server's credentials for AWS.
struct HTTPSigning: Sendable {
    let region: String
    let service: String

    /// Nil when the action asks for none.
    init?(_ fields: ActionFields) throws(AWSError) {
        guard let auth = try fields.nested("auth"), let sigv4 = try auth.nested("sigv4") else { return nil }
        try sigv4.checkRole()
        self.region = try sigv4.input.string("signingRegion")
        self.service = try sigv4.input.string("serviceName")
    }

    func sign(_ fields: HTTPFields, _ body: [UInt8], to address: HTTPAddress, with key: AccessKey) -> HTTPFields {
        let request = APIRequest(
            method: "POST", target: address.target, headers: fields, host: address.host, body: ByteBuffer(bytes: body))
        let now = SigningTime(seconds: Int64(Date().timeIntervalSince1970))
        return SigV4Signer(key: key, region: self.region, service: self.service).signedHeaders(for: request, at: now)
    }
}

import JSON

/// A request to update a shadow, checked (AWS IoT Developer Guide, device shadows).
struct ShadowChange: Sendable {
    /// What happens to the desired or the reported half.
    enum Part: Sendable, Hashable {
        case untouched
        case removed
        case merged(JSONObject)
    }

    let desired: Part
    let reported: Part
    /// The `state` member as it was sent: the answer repeats it.
    let state: JSONValue
    /// The version that the sender knows; nil for any.
    let version: Int64?
    let clientToken: String?

    /// Bytes of the request, for the queue's limit.
    let byteCount: Int
}

extension ShadowChange.Part {
    var touches: Bool {
        switch self {
        case .untouched: false
        case .removed: true
        case .merged(let change): !change.isEmpty
        }
    }
}

extension ShadowChange {
    /// Whether anything is set or deleted at all.
    var touchesState: Bool { self.desired.touches || self.reported.touches }

    /// Why a request was not taken, with its client token if that could be read.
    struct Refusal: Error {
        let problem: ShadowProblem
        var clientToken: String?
    }

    init(parsing payload: some Collection<UInt8>, limits: ShadowLimits) throws(Refusal) {
        let root = try Self.object(payload, limits: limits)
        let token = try Self.token(of: root, limits: limits)
        do {
            try self.init(root, clientToken: token, byteCount: payload.count, limits: limits)
        } catch {
            throw Refusal(problem: error, clientToken: token)
        }
    }

    private init(_ root: JSONObject, clientToken: String?, byteCount: Int, limits: ShadowLimits) throws(ShadowProblem) {
        guard let state = root["state"] else { throw .missingState }
        switch state {
        case .null:
            self.desired = .removed
            self.reported = .removed
        case .object(let sections):
            self.desired = try Self.part(sections["desired"], or: .desiredIsNoObject, limits: limits)
            self.reported = try Self.part(sections["reported"], or: .reportedIsNoObject, limits: limits)
            // A key that is misspelt would otherwise be accepted and do nothing.
            guard sections.keys.allSatisfy({ $0 == "desired" || $0 == "reported" }) else { throw .invalidNode }
        default: throw .stateIsNoObject
        }
        self.version = try Self.version(root["version"])
        self.state = state
        self.clientToken = clientToken
        self.byteCount = byteCount
    }

    private static func part(_ value: JSONValue?, or problem: ShadowProblem, limits: ShadowLimits) throws(ShadowProblem) -> Part {
        switch value {
        case nil: return .untouched
        case .null?: return .removed
        case .object(let object)?:
            guard ShadowShape.levels(object, atMost: limits.maxLevels) else { throw .tooDeep(limit: limits.maxLevels) }
            guard !ShadowShape.hasNullInArray(object) else { throw .invalidNode }
            return .merged(object)
        default: throw problem
        }
    }

    private static func version(_ value: JSONValue?) throws(ShadowProblem) -> Int64? {
        guard let value, !value.isNull else { return nil }
        guard let version = value.intValue, version >= 0 else { throw .invalidVersion }
        return version
    }
}

// MARK: What all requests share

extension ShadowChange {
    /// The client token of a request whose payload may be empty (get, delete).
    ///
    /// - Parameter isStrict: whether a payload that is not JSON is refused.
    static func token(in payload: some Collection<UInt8>, isStrict: Bool, limits: ShadowLimits) throws(Refusal) -> String? {
        if payload.isEmpty { return nil }
        do {
            return try self.token(of: try self.object(payload, limits: limits), limits: limits)
        } catch {
            if isStrict { throw error }
            return nil
        }
    }

    private static func object(_ payload: some Collection<UInt8>, limits: ShadowLimits) throws(Refusal) -> JSONObject {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: payload, limits: ShadowShape.parsing)
        } catch {
            // A text in another encoding is often wrong as JSON before a byte of it is wrong as UTF-8.
            let isUTF8 = String(validating: payload, as: UTF8.self) != nil
            throw Refusal(problem: isUTF8 ? ShadowShape.problem(error, limits: limits) : .unsupportedEncoding)
        }
        guard case .object(let object) = value else { throw Refusal(problem: .invalidJSON) }
        return object
    }

    private static func token(of root: JSONObject, limits: ShadowLimits) throws(Refusal) -> String? {
        guard let value = root["clientToken"], !value.isNull else { return nil }
        guard case .string(let token) = value, token.utf8.count <= limits.maxClientTokenBytes else {
            throw Refusal(problem: .invalidClientToken)
        }
        return token
    }
}

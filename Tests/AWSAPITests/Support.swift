import HTTPTypes
import JSON
import Logging
import NIOCore
import Synchronization

@testable import AWSAPI

let quiet = Logger(label: "tests", factory: { _ in SwiftLogNoOpLogHandler() })
let account = AccountContext(region: "eu-central-1", account: "123456789012")
let testKey = AccessKey(id: "AKIDTEST", secret: "a+very/secret")
/// 2026-02-03T04:05:06Z
let noon = SigningTime(seconds: 1_770_091_506)

/// A clock that tests set.
final class TestClock: Sendable {
    private let time: Mutex<SigningTime>

    init(_ time: SigningTime = noon) {
        self.time = Mutex(time)
    }

    func set(_ time: SigningTime) {
        self.time.withLock { $0 = time }
    }

    var now: @Sendable () -> SigningTime {
        { self.time.withLock { $0 } }
    }
}

func makeEndpoint(
    keys: [AccessKey] = [testKey], trustAnyCredentials: Bool = false, maxBodyBytes: Int = 1 << 20, clock: TestClock? = TestClock()
) -> AWSEndpoint {
    if let clock {
        AWSEndpoint(
            account: account, credentials: StaticCredentials(keys), trustAnyCredentials: trustAnyCredentials, maxBodyBytes: maxBodyBytes,
            logger: quiet, now: clock.now)
    } else {
        AWSEndpoint(
            account: account, credentials: StaticCredentials(keys), trustAnyCredentials: trustAnyCredentials, maxBodyBytes: maxBodyBytes,
            logger: quiet)
    }
}

func makeVerifier(_ keys: [AccessKey] = [testKey], trusting: Bool = false, clock: TestClock = TestClock()) -> SigV4Verifier {
    SigV4Verifier(credentials: StaticCredentials(keys), trustAnyCredentials: trusting, region: account.region, now: clock.now)
}

extension APIRequest {
    /// The request signed for a service.
    func signed(
        as service: String = "iot", key: AccessKey = testKey, region: String = account.region, at time: SigningTime = noon,
        standardPath: Bool = true
    ) -> APIRequest {
        var request = self
        request.headers = SigV4Signer(key: key, region: region, service: service)
            .signedHeaders(for: self, at: time, standardPath: standardPath)
        return request
    }
}

func request(_ method: String, _ target: String, _ body: JSONValue? = nil, headers: HTTPFields = [:]) -> APIRequest {
    APIRequest(
        method: method, target: target, headers: headers, host: "127.0.0.1:4566",
        body: body.map { ByteBuffer(bytes: $0.serializedBytes()) } ?? ByteBuffer())
}

extension APIResponse {
    var json: JSONValue {
        (try? JSONValue(parsing: self.body.readableBytesView)) ?? .null
    }
}

/// Runs `body` and gives back the `AWSError` that it throws.
func awsError(_ body: () async throws -> Void) async -> AWSError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? AWSError
    }
}

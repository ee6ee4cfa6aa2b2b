import AsyncHTTPClient
import HTTPTypes
import JSON
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import AWSAPI

@Suite struct APIServerTests {
    @Test(arguments: ["http", "https"]) func onePortSpeaksBoth(_ scheme: String) async throws {
        try await LiveServer.run { server in
            let answer = try await server.client(scheme).call(
                service: "iot", operation: "CreateThing", method: "POST", path: "/things/\(AWSClient.pathSegment("a:b/c ü"))",
                query: [QueryItem("x", "a b+c")], body: ["k": "v"])
            #expect(answer == ["name": "a:b/c ü", "size": 9, "secure": .bool(scheme == "https"), "from": "127.0.0.1"])
        }
    }

    @Test func aRefusalReachesTheClientAsTheServicesException() async throws {
        try await LiveServer.run { server in
            let wrong = server.client(key: AccessKey(id: "AKIDTEST", secret: "wrong"))
            await #expect {
                _ = try await wrong.call(service: "iot", operation: "CreateThing", method: "POST", path: "/things/x")
            } throws: { error in
                guard case .service(_, let exception, let requestID) = error as? AWSClientError else { return false }
                return exception == .signatureMismatch && requestID?.count == 36
            }
        }
    }

    @Test func plainHTTPIsRefusedWithAMessageWhereItIsNotAllowed() async throws {
        try await LiveServer.run(allowPlain: false) { server in
            let text = try await server.exchange("GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(text.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
            #expect(text.contains("This address serves HTTPS only: use https://"))
            let answer = try await server.client("https").call(service: "iot", operation: "CreateThing", method: "POST", path: "/things/x")
            #expect(answer["secure"] == true)
        }
    }

    @Test func tlsIsHungUpOnWhereThereIsNone() async throws {
        try await LiveServer.run(withTLS: false) { server in
            let answer = try await server.exchange("\u{16}\u{3}\u{1}")
            #expect(answer == "")
            let plain = try await server.client("http").call(service: "iot", operation: "CreateThing", method: "POST", path: "/things/x")
            #expect(plain["secure"] == false)
        }
    }

    @Test func connectionsAreKeptAndRequestsMayBePipelined() async throws {
        try await LiveServer.run { server in
            let get = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
            let last = "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            let text = try await server.exchange(get + get + last)
            #expect(text.ranges(of: "HTTP/1.1 200 OK").count == 3)
        }
    }

    // MARK: Limits

    @Test func aBodyTooLargeByItsHeaderIsRefusedUnread() async throws {
        try await LiveServer.run(maxBodyBytes: 1000) { server in
            // Not a byte of the body is sent.
            let text = try await server.exchange(
                "POST /things/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n", closingAfterwards: true)
            #expect(text.hasPrefix("HTTP/1.1 413 "))
            #expect(text.lowercased().contains("x-amzn-errortype: requestentitytoolargeexception"))
            #expect(text.contains("larger than 1000 bytes"))
        }
    }

    @Test func aBodyThatGrowsTooLargeIsRefused() async throws {
        try await LiveServer.run(maxBodyBytes: 1000) { server in
            let chunk = "100\r\n" + String(repeating: "x", count: 256) + "\r\n"
            let text = try await server.exchange(
                "POST /things/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + String(repeating: chunk, count: 5)
                    + "0\r\n\r\n")
            #expect(text.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func largeBodiesAreBoundedTogether() async throws {
        var limits = APIServerLimits()
        limits.maxLargeBodyBytes = 1200
        try await LiveServer.run(limits: limits, maxBodyBytes: 1000) {
            $0.allow(below: "/things/large", maxBodyBytes: 2000, responseTime: .seconds(1))
        } _: { server in
            func post(_ name: String, bytes: Int) async throws -> String {
                let head = "POST /things/\(name) HTTP/1.1\r\nHost: x\r\nContent-Length: \(bytes)\r\nConnection: close\r\n\r\n"
                return try await server.exchange(head + String(repeating: "x", count: bytes))
            }
            // Read to its end each time, so what it took was given back; it is not signed.
            for _ in 0..<3 { #expect(try await post("large", bytes: 1100).hasPrefix("HTTP/1.1 403 ")) }
            let exhausted = try await post("large", bytes: 1500)
            #expect(exhausted.hasPrefix("HTTP/1.1 429 "))
            #expect(exhausted.contains("TooManyRequestsException"))
            #expect(try await post("large", bytes: 2001).hasPrefix("HTTP/1.1 413 "))
            #expect(try await post("other", bytes: 1100).hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func expectationsAreAnsweredBeforeTheBody() async throws {
        try await LiveServer.run(maxBodyBytes: 1000) { server in
            let text = try await server.exchange(
                "POST /things/x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n{}")
            #expect(text.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 "))
            let tooLarge = try await server.exchange(
                "POST /things/x HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\nExpect: 100-continue\r\n\r\n", closingAfterwards: true)
            #expect(tooLarge.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func headersOverTheLimitsAreRefused() async throws {
        try await LiveServer.run { server in
            let limits = APIServerLimits()
            let long = "X-Long: " + String(repeating: "y", count: limits.maxHeaderFieldBytes + 1) + "\r\n"
            let many = (0...limits.maxHeaderCount).map { "X-\($0): y\r\n" }.joined()
            let path = "/" + String(repeating: "z", count: limits.maxHeaderBytes + 1)
            for text in [
                "GET /health HTTP/1.1\r\nHost: x\r\n\(long)\r\n", "GET /health HTTP/1.1\r\nHost: x\r\n\(many)\r\n",
                "GET \(path) HTTP/1.1\r\n\r\n",
            ] {
                let answer = try await server.exchange(text)
                #expect(answer.hasPrefix("HTTP/1.1 431 ") || answer.hasPrefix("HTTP/1.1 400 "))
            }
        }
    }

    @Test(arguments: [
        "\u{0}\u{1}\u{2}\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "GET / HTTP/1.1\r\nbad header\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n", "hello\r\nworld\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc",
    ])
    func whatIsNotHTTPIsAnsweredAndHungUpOn(_ text: String) async throws {
        try await LiveServer.run { server in
            let answer = try await server.exchange(text)
            #expect(answer.hasPrefix("HTTP/1.1 400 ") || answer.hasPrefix("HTTP/1.1 403 ") || answer == "")
            // And the server is there for the next one.
            let health = try await server.exchange("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(health.hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func theAnswerToGarbageHasARequestID() async throws {
        try await LiveServer.run { server in
            let answer = try await server.exchange("NOT HTTP\r\n\r\n")
            #expect(answer.lowercased().contains("x-amzn-requestid: "))
            #expect(answer.contains("{\"message\":\"The request is not well-formed HTTP/1.1.\"}"))
        }
    }

    // MARK: Time

    @Test(arguments: ["", "G", "GET /health HTTP/1.1\r\nHost: x\r\n", "\u{16}\u{3}\u{1}"])
    func aHeadThatDoesNotComeEndsTheConnection(_ start: String) async throws {
        var limits = APIServerLimits()
        limits.firstHeadTime = .milliseconds(50)
        try await LiveServer.run(limits: limits) { server in
            let answer = try await server.exchange(start)
            #expect(answer == "")
        }
    }

    @Test func aBodyThatDoesNotComeEndsTheConnection() async throws {
        var limits = APIServerLimits()
        limits.bodyTime = .milliseconds(50)
        try await LiveServer.run(limits: limits) { server in
            let answer = try await server.exchange("POST /things/x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
            #expect(answer == "")
        }
    }

    @Test func anIdleConnectionIsEnded() async throws {
        var limits = APIServerLimits()
        limits.idleTime = .milliseconds(50)
        try await LiveServer.run(limits: limits) { server in
            let answer = try await server.exchange("GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func aClientThatLeavesInTheMiddleHurtsNobody() async throws {
        try await LiveServer.run { server in
            for text in ["POST /things/x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc", "GET /he", "\u{16}"] {
                _ = try await server.exchange(text, closingAfterwards: true)
            }
            let health = try await server.exchange("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(health.hasPrefix("HTTP/1.1 200 "))
        }
    }

    // MARK: Life

    @Test func shuttingDownLetsARequestFinish() async throws {
        let (started, startedSignal) = AsyncStream<Void>.makeStream()
        let (released, releaseSignal) = AsyncStream<Void>.makeStream()
        let operation = EchoBody(whileHandling: {
            startedSignal.yield()
            for await _ in released { break }
        })
        try await LiveServer.run(operation: operation) { server in
            async let answer = server.client().call(service: "iot", operation: "CreateThing", method: "POST", path: "/things/x")
            for await _ in started { break }
            async let down: Void = server.server.shutDown()
            releaseSignal.yield()
            #expect(try await answer["name"] == "x")
            try await down
        }
    }

    @Test func aPortInUseIsToldWithTheWayOut() async throws {
        try await LiveServer.run { first in
            let second = APIServer(
                endpoint: makeEndpoint(), host: "127.0.0.1", port: first.port, tls: { nil }, allowPlain: true,
                group: MultiThreadedEventLoopGroup.singleton, logger: quiet)
            await #expect {
                try await second.run()
            } throws: { error in
                "\(error)".contains("127.0.0.1:\(first.port)") && "\(error)".contains("--api-port")
            }
            await #expect(throws: APIServerError.self) { _ = try await second.port }
        }
    }
}

import HTTPTypes
import JSON
import NIOCore
import Synchronization
import Testing

@testable import AWSAPI

private struct Echo: AWSOperation {
    static let route = OperationRoute(.iot, "CreateThing", "POST", "/things/{thingName}")

    struct Input: OperationDecodable {
        let name: String
        let type: String?

        init(_ input: OperationInput) throws {
            self.name = try input.string("thingName", in: .label, max: 128, pattern: .thingName)
            self.type = try input.optionalString("thingTypeName", max: 128, pattern: .thingName)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        switch input.name {
        case "taken":
            throw AWSError.resourceAlreadyExists("Thing taken already exists", resourceID: "taken", resourceARN: "arn")
        case "slow": throw AWSError.throttling("Rate exceeded")
        case "broken": throw BrokenInside()
        default:
            return [
                "thingName": .string(input.name), "thingArn": .string(context.account.arn(service: "iot", "thing/\(input.name)")),
                "caller": .string("\(context.caller)"),
            ]
        }
    }
}

private struct BrokenInside: Error {}

private struct PublishEcho: AWSOperation {
    static let route = OperationRoute(.iotData, "Publish", "POST", "/topics/{topic+}", acceptsCertificate: true)

    struct Input: OperationDecodable {
        let topic: String
        let payload: ByteBuffer

        init(_ input: OperationInput) throws {
            self.topic = try input.string("topic", in: .label)
            self.payload = input.rawBody
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> OperationOutputBox {
        guard input.topic != "denied" else { throw AWSError.forbidden("not authorised") }
        guard input.topic != "slow" else { throw AWSError.throttling("Rate exceeded") }
        return OperationOutputBox(OperationOutput(body: .bytes(input.payload, contentType: "text/\(input.topic)"), status: 202))
    }
}

private struct OperationOutputBox: OperationEncodable {
    let output: OperationOutput

    init(_ output: OperationOutput) {
        self.output = output
    }

    func encoded() throws -> OperationOutput {
        self.output
    }
}

private let models = AWSService(
    name: "models", signingNames: ["models"], wire: .json(targetPrefix: "Models"), invalidRequestName: "ModelError")

private struct Describe: AWSOperation {
    static let route = OperationRoute(models, "Describe")

    func handle(_ input: EmptyInput, _ context: OperationContext) async throws -> EmptyOutput {
        throw AWSError.validation("no")
    }
}

/// A parameter is wrong, as the readers of inputs say it.
private struct Train: AWSOperation {
    static let route = OperationRoute(models, "Train")

    func handle(_ input: EmptyInput, _ context: OperationContext) async throws -> EmptyOutput {
        throw AWSError.invalidRequest("no")
    }
}

/// An error of a service that once spoke the query protocol.
private struct Forget: AWSOperation {
    static let route = OperationRoute(models, "Forget")

    func handle(_ input: EmptyInput, _ context: OperationContext) async throws -> EmptyOutput {
        throw AWSError(name: "Gone", status: 400, message: "\(context.host)", queryCode: "Models.Gone")
    }
}

/// Takes a secret of its own instead of a signature.
private struct Confirm: AWSOperation {
    static let route = OperationRoute(.iot, "Confirm", "GET", "/confirm/{token+}", acceptsUnsigned: true)

    func handle(_ input: EmptyInput, _ context: OperationContext) async throws -> JSONObject { ["caller": .string(context.caller.id)] }
}

/// The same place with a fixed end, which does need a signature.
private struct Shut: AWSOperation {
    static let route = OperationRoute(.iot, "Shut", "GET", "/confirm/shut")

    func handle(_ input: EmptyInput, _ context: OperationContext) async throws -> EmptyOutput { EmptyOutput() }
}

@Suite struct EndpointTests {
    private func endpoint(_ maxBodyBytes: Int = 1 << 20) -> AWSEndpoint {
        let endpoint = makeEndpoint(maxBodyBytes: maxBodyBytes)
        endpoint.register([Echo(), PublishEcho(), Describe(), Train(), Forget(), Confirm(), Shut()])
        return endpoint
    }

    @Test func aSignedCallIsAnswered() async {
        let response = await self.endpoint().respond(to: request("POST", "/things/lamp", ["thingTypeName": "bulb"]).signed())
        #expect(response.status == 200)
        #expect(response.json["thingArn"] == "arn:aws:iot:eu-central-1:123456789012:thing/lamp")
        #expect(response.json["caller"] == "accessKey(id: \"AKIDTEST\")")
        #expect(response.headers[.contentType] == "application/json")
        #expect(response.headers[.amznRequestID]?.count == 36)
        #expect(response.headers[.date] == "Tue, 03 Feb 2026 04:05:06 GMT")
    }

    @Test func anOperationMayTakeRequestsWithoutSignature() async {
        let response = await self.endpoint().respond(to: request("GET", "/confirm/a/b"))
        #expect(response.status == 200)
        #expect(response.json == ["caller": "anonymous"])
    }

    /// Each call goes through both, and costs what the first one did: their stacks do not grow.
    @Test func hooksHearOfEachCall() async {
        let endpoint = self.endpoint()
        let counts = Mutex((asked: 0, succeeded: 0, failed: 0))
        endpoint.authorize { _, route, _, _ in
            counts.withLock { $0.asked += 1 }
            if route.name == "Shut" { throw AWSError.forbidden("shut") }
        }
        endpoint.observe { _, _, _, _, error in
            counts.withLock { counts in if error == nil { counts.succeeded += 1 } else { counts.failed += 1 } }
        }
        let open = request("GET", "/confirm/a")
        let calls = 30_000
        for _ in 0..<calls { _ = await endpoint.respond(to: open) }
        #expect(await endpoint.respond(to: request("GET", "/confirm/shut").signed()).status == 403)
        #expect(counts.withLock { $0 } == (calls + 1, calls, 1))
    }

    /// Another method, another operation behind the same pattern, half a signature: none of them gets in.
    @Test(arguments: [
        ("POST", "/confirm/a"), ("GET", "/confirm/shut"), ("GET", "/confirm"), ("GET", "/things/lamp"), ("GET", "/confirm/a?X-Amz-Date=1"),
    ])
    func otherRequestsWithoutSignatureAreRefused(_ method: String, _ target: String) async {
        #expect(await self.endpoint().respond(to: request(method, target)).status == 403)
    }

    @Test func aSignatureThatIsThereHasToBeRight() async {
        var call = request("GET", "/confirm/a").signed()
        #expect(await self.endpoint().respond(to: call).json["caller"] == "AKIDTEST")
        call.headers[.authorization] = (call.headers[.authorization] ?? "") + "0"
        #expect(await self.endpoint().respond(to: call).status == 403)
        call.headers[.authorization] = "Basic eDp5"
        #expect(await self.endpoint().respond(to: call).status == 403)
    }

    @Test func healthNeedsNoSignature() async {
        let response = await self.endpoint().respond(to: request("GET", "/health?x=y"))
        #expect(response.status == 200)
        #expect(response.json == ["status": "ok"])
        #expect(await self.endpoint().respond(to: request("POST", "/health")).status == 403)
    }

    @Test func errorsHaveTheShapeThatSDKsRead() async {
        let response = await self.endpoint().respond(to: request("POST", "/things/taken").signed())
        #expect(response.status == 409)
        #expect(response.headers[.amznErrorType] == "ResourceAlreadyExistsException")
        #expect(response.headers[.amznRequestID] != nil)
        #expect(response.json == ["message": "Thing taken already exists", "resourceId": "taken", "resourceArn": "arn"])
    }

    @Test func errorsAreNamedAsTheServiceNamesThem() async {
        func respond(_ operation: String) async -> APIResponse {
            await self.endpoint().respond(
                to: request("POST", "/", headers: [.amzTarget: "Models.\(operation)"]).signed(as: "models"))
        }
        let wrong = await respond("Train")
        #expect(wrong.headers[.amznErrorType] == "ModelError")
        #expect(wrong.json == ["__type": "ModelError", "message": "no"])
        #expect(wrong.headers[.amznQueryError] == nil)
        let gone = await respond("Forget")
        #expect(gone.headers[.amznErrorType] == "Gone")
        #expect(gone.headers[.amznQueryError] == "Models.Gone;Sender")
        #expect(gone.json["message"]?.stringValue == request("POST", "/").host)
    }

    @Test func callsOfThisServersOwnAreNotBounded() async {
        var call = request("POST", "/topics/plain")
        call.body = ByteBuffer(repeating: 1, count: 100)
        let endpoint = self.endpoint(99)
        #expect(await endpoint.respond(to: call.signed(as: "iotdata")).status == 413)
        let caller = Caller.service(principal: "iot.amazonaws.com", sourceARN: nil)
        #expect(await endpoint.respond(to: call, for: "iotdata", as: caller).status == 202)
    }

    @Test func whatBreaksInsideIsNotTold() async {
        let response = await self.endpoint().respond(to: request("POST", "/things/broken").signed())
        #expect(response.status == 500)
        #expect(response.headers[.amznErrorType] == "InternalFailureException")
        #expect(!response.json.serialized().contains("BrokenInside"))
    }

    @Test func theDataPlaneAddsATraceAndHasItsOwnStatuses() async {
        let denied = await self.endpoint().respond(to: request("POST", "/topics/denied").signed(as: "iotdata"))
        #expect(denied.status == 403)
        #expect(denied.headers[.amznErrorType] == "ForbiddenException")
        #expect(denied.json["traceId"]?.stringValue?.count == 36)
        #expect(denied.json["message"] == "not authorised")
        #expect(await self.endpoint().respond(to: request("POST", "/topics/slow").signed(as: "iotdevicegateway")).status == 429)
        #expect(await self.endpoint().respond(to: request("POST", "/things/slow").signed()).status == 400)
        let method = await self.endpoint().respond(to: request("DELETE", "/topics/x").signed(as: "iotdata"))
        #expect(method.status == 405)
        #expect(method.headers[.amznErrorType] == "MethodNotAllowedException")
    }

    @Test func aBlobBodyGoesThrough() async {
        var call = request("POST", "/topics/plain")
        call.body = ByteBuffer(bytes: [0, 1, 255])
        let response = await self.endpoint().respond(to: call.signed(as: "iotdata"))
        #expect(response.status == 202)
        #expect(response.body == ByteBuffer(bytes: [0, 1, 255]))
        #expect(response.headers[.contentType] == "text/plain")
    }

    @Test func badNamesAreDataThatFailsThePattern() async {
        for name in ["..", "a%2Fb", "%00", "a%20b", "%C3%BC", "..%2f..%2fetc%2fpasswd"] {
            let response = await self.endpoint().respond(to: request("POST", "/things/\(name)").signed())
            #expect(response.status == 400)
            #expect(response.json["message"]?.stringValue?.contains("Member must satisfy regular expression pattern") ?? false)
        }
        #expect(await self.endpoint().respond(to: request("POST", "/things/%FF").signed()).status == 400)
    }

    @Test func knownOperationsThatAreNotOfferedAreNamed() async {
        let response = await self.endpoint().respond(to: request("POST", "/rules/r").signed())
        #expect(response.status == 400)
        #expect(response.headers[.amznErrorType] == "UnknownOperationException")
        #expect(response.json["message"] == "The operation CreateTopicRule of iot is not offered by this version of Roost.")
    }

    @Test func unknownRoutesAndServicesAreNotFound() async {
        let route = await self.endpoint().respond(to: request("GET", "/nothing/here").signed())
        #expect(route.status == 404)
        #expect(route.json == ["message": "Not Found"])
        #expect(route.headers[.amznErrorType] == "UnknownOperationException")
        let service = await self.endpoint().respond(to: request("POST", "/").signed(as: "sts"))
        #expect(service.status == 404)
        #expect(service.json["message"]?.stringValue?.contains("'sts'") ?? false)
    }

    @Test func clientsOfXMLServicesCanReadTheRefusal() async {
        let form: HTTPFields = [.contentType: "application/x-www-form-urlencoded; charset=utf-8"]
        let response = await self.endpoint().respond(to: request("POST", "/", headers: form).signed(as: "<sts>"))
        #expect(response.status == 404)
        #expect(response.headers[.contentType] == "text/xml")
        let text = String(buffer: response.body)
        #expect(text.hasPrefix("<ErrorResponse><Error><Type>Sender</Type><Code>UnknownOperationException</Code><Message>Roost does not"))
        #expect(text.contains("'&lt;sts&gt;'"))
    }

    @Test func anUnsignedCallIsRefusedBeforeItsRouteIsLookedAt() async {
        for target in ["/things/lamp", "/nothing"] {
            let response = await self.endpoint().respond(to: request("POST", target))
            #expect(response.status == 403)
            #expect(response.headers[.amznErrorType] == "MissingAuthenticationTokenException")
            #expect(response.json == ["message": "Missing Authentication Token"])
        }
    }

    @Test func servicesDoNotReachEachOthersOperations() async {
        #expect(await self.endpoint().respond(to: request("POST", "/topics/plain").signed(as: "iot")).status == 404)
        #expect(await self.endpoint().respond(to: request("POST", "/things/lamp").signed(as: "iotdata")).status == 404)
    }

    @Test func certificatesCallWhatAcceptsThemAndNothingElse() async {
        var publish = request("POST", "/topics/plain")
        publish.clientCertificateID = "ab"
        #expect(await self.endpoint().respond(to: publish).status == 202)
        var create = request("POST", "/things/lamp")
        create.clientCertificateID = "ab"
        #expect(await self.endpoint().respond(to: create).status == 404)
    }

    @Test func json11FindsItsOperationByTarget() async {
        let known = request("POST", "/", headers: [.amzTarget: "Models.Describe"]).signed(as: "models")
        let response = await self.endpoint().respond(to: known)
        #expect(response.status == 400)
        #expect(response.headers[.contentType] == "application/x-amz-json-1.1")
        #expect(response.json == ["__type": "ValidationException", "message": "no"])
        let other = request("POST", "/", headers: [.amzTarget: "Models.Sell"]).signed(as: "models")
        #expect(await self.endpoint().respond(to: other).json["message"]?.stringValue?.contains("Sell") ?? false)
        #expect(await self.endpoint().respond(to: request("POST", "/").signed(as: "models")).status == 404)
    }

    @Test func aBodyOverTheLimitIsRefused() async {
        let endpoint = self.endpoint(100)
        let response = await endpoint.respond(
            to: request("POST", "/things/lamp", ["x": .string(String(repeating: "y", count: 100))]).signed())
        #expect(response.status == 413)
        #expect(response.headers[.amznErrorType] == "RequestEntityTooLargeException")
    }

    @Test func aServiceMayHaveALargerLimit() async {
        let endpoint = self.endpoint(100)
        endpoint.allow(signedFor: "models", maxBodyBytes: 1000)
        let body: JSONValue = ["x": .string(String(repeating: "y", count: 500))]
        let call = request("POST", "/", body, headers: [.amzTarget: "Models.Train"]).signed(as: "models")
        #expect(endpoint.maxBodyBytes(of: call) == 1000)
        #expect(await endpoint.respond(to: call).status != 413)
        let other = request("POST", "/things/lamp", body).signed()
        #expect(endpoint.maxBodyBytes(of: other) == 100)
        #expect(await endpoint.respond(to: other).status == 413)
        #expect(endpoint.maxBodyBytes(of: request("POST", "/")) == 100)
    }

    @Test func aRefusalOfSignedRequestsSpeaksTheServicesProtocol() async {
        let endpoint = self.endpoint(100)
        var call = request("PUT", "/bucket/key").signed(as: "s3")
        call.headers[.authorization] = (call.headers[.authorization] ?? "").replacing("Signature=", with: "Signature=00")
        let response = await endpoint.respond(to: call)
        #expect(response.status == 403)
        #expect(String(buffer: response.body).contains("<Code>SignatureDoesNotMatch</Code>"))
        let large = endpoint.response(refusing: .bodyTooLarge(limit: 100), of: call)
        #expect(String(buffer: large.body).contains("<Code>EntityTooLarge</Code>"))
    }
}

import Testing

@testable import AWSAPI

@Suite struct DispatchTests {
    private static let tree = {
        var tree = RouteTree<String>()
        for (method, path) in [
            ("GET", "/things"), ("GET", "/things/{thingName}"), ("POST", "/things/{thingName}"),
            ("GET", "/things/{thingName}/jobs/{jobId}"),
            ("PUT", "/things/{thingName}/jobs/$next"), ("PUT", "/things/{thingName}/jobs/{jobId}"), ("GET", "/authorizers/"),
            ("POST", "/topics/{topic+}"), ("GET", "/destinations/{arn+}"), ("GET", "/a/b/c"), ("GET", "/a/{x}/d"),
        ] {
            tree.insert("\(method) \(path)", method: method, path: path)
        }
        return tree
    }()

    @Test(
        arguments: [
            ("GET", "/things", "GET /things", [:]),
            ("GET", "/things/", "GET /things", [:]),
            ("GET", "/things/lamp", "GET /things/{thingName}", ["thingName": "lamp"]),
            ("GET", "/things/lamp/", "GET /things/{thingName}", ["thingName": "lamp"]),
            ("GET", "/things/a%3Ab%20%C3%BC", "GET /things/{thingName}", ["thingName": "a:b ü"]),
            ("GET", "/things/a%2Fb", "GET /things/{thingName}", ["thingName": "a/b"]),
            ("GET", "/things/%2E%2E", "GET /things/{thingName}", ["thingName": ".."]),
            ("GET", "/things/../jobs/x", "GET /things/{thingName}/jobs/{jobId}", ["thingName": "..", "jobId": "x"]),
            ("PUT", "/things/t/jobs/$next", "PUT /things/{thingName}/jobs/$next", ["thingName": "t"]),
            ("PUT", "/things/t/jobs/%24next", "PUT /things/{thingName}/jobs/$next", ["thingName": "t"]),
            ("PUT", "/things/t/jobs/next", "PUT /things/{thingName}/jobs/{jobId}", ["thingName": "t", "jobId": "next"]),
            ("GET", "/authorizers", "GET /authorizers/", [:]),
            ("POST", "/topics/a/b", "POST /topics/{topic+}", ["topic": "a/b"]),
            ("POST", "/topics/a%2Fb", "POST /topics/{topic+}", ["topic": "a/b"]),
            ("POST", "/topics//a/", "POST /topics/{topic+}", ["topic": "/a/"]),
            ("POST", "/topics/%24aws/things", "POST /topics/{topic+}", ["topic": "$aws/things"]),
            (
                "GET", "/destinations/arn:aws:iot:eu-central-1:1:ruledestination/http/x", "GET /destinations/{arn+}",
                ["arn": "arn:aws:iot:eu-central-1:1:ruledestination/http/x"]
            ),
            ("GET", "/a/b/d", "GET /a/{x}/d", ["x": "b"]),
        ] as [(String, String, String, [String: String])])
    func aPathFindsItsTemplate(_ method: String, _ path: String, _ template: String, _ labels: [String: String]) throws {
        guard case .found(let match) = Self.tree.find(method: method, path: path) else {
            Issue.record("\(method) \(path) finds nothing")
            return
        }
        #expect(match.value == template)
        #expect(match.labels == labels)
    }

    @Test(arguments: ["/", "", "/thing", "/things//jobs/x", "/things/a/b", "/topics", "/topics/", "/a/b", "/THINGS"])
    func otherPathsFindNothing(_ path: String) {
        guard case .none = Self.tree.find(method: "GET", path: path) else {
            guard path.hasPrefix("/topics"), case .none = Self.tree.find(method: "POST", path: path) else {
                Issue.record("\(path) finds something")
                return
            }
            return
        }
    }

    @Test func anotherMethodIsToldApartFromAnotherPath() {
        guard case .otherMethod = Self.tree.find(method: "DELETE", path: "/things/lamp") else {
            Issue.record("DELETE of a thing is not recognised as another method")
            return
        }
    }

    @Test func bytesThatAreNoTextAreNoName() {
        guard case .notText = Self.tree.find(method: "GET", path: "/things/%FF%FE") else {
            Issue.record("a name of broken UTF-8 is accepted")
            return
        }
    }

    @Test func aPathOfManySegmentsCostsNoDepth() {
        let path = "/topics" + String(repeating: "/x", count: 100_000)
        guard case .found(let match) = Self.tree.find(method: "POST", path: path) else {
            Issue.record("a long topic is not found")
            return
        }
        #expect(match.labels["topic"]?.count == 199_999)
        guard case .none = Self.tree.find(method: "GET", path: String(repeating: "/x", count: 100_000)) else {
            Issue.record("a long path finds something")
            return
        }
    }

    @Test(
        arguments: [
            ("POST", "/things/lamp", AWSService.iot, "CreateThing"), ("POST", "/things", .iot, "RegisterThing"),
            ("PUT", "/target-policies/p", .iot, "AttachPolicy"), ("POST", "/target-policies/p", .iot, "DetachPolicy"),
            ("GET", "/things/t/jobs", .iot, "ListJobExecutionsForThing"),
            ("GET", "/things/t/jobs", .iotJobsData, "GetPendingJobExecutions"),
            ("GET", "/things/t/jobs/j", .iot, "DescribeJobExecution"), ("POST", "/rules/r", .iot, "CreateTopicRule"),
            ("GET", "/confirmdestination/a/b", .iot, "ConfirmTopicRuleDestination"),
            ("GET", "/things/t/shadow", .iotData, "GetThingShadow"),
        ] as [(String, String, AWSService, String)])
    func everyOperationOfTheModelsIsKnown(_ method: String, _ path: String, _ service: AWSService, _ name: String) {
        #expect(KnownOperations.shared.name(of: method, path: path, in: service) == name)
    }
}

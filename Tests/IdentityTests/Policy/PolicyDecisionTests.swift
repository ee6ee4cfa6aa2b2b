import Identity
import Testing

/// How the statements of several policies come to one decision, and what the decision tells.
@Suite struct PolicyDecisionTests {
    private let resource = PolicyFixture.arn + "topic/x"

    @Test func explicitDenyWinsWhereverItStands() throws {
        let allow = try PolicyFixture.document()
        let deny = try PolicyFixture.document(effect: "Deny", resource: ["topic/x"])
        for set in [PolicyFixture.set(allow, deny), PolicyFixture.set(deny, allow)] {
            #expect(!set.allows(.publish, "topic/x"))
            #expect(set.allows(.publish, "topic/y"))
        }
        #expect(!PolicySet().allows(.publish, "topic/x"))
        #expect(!PolicyFixture.set(deny).allows(.publish, "topic/y"))
    }

    @Test func namesTheStatementThatDecided() throws {
        let text = """
            {"Version":"2012-10-17","Statement":[
              {"Effect":"Allow","Action":"iot:Connect","Resource":"*"},
              {"Sid":"Pub","Effect":"Allow","Action":"iot:Publish","Resource":"*"},
              {"Sid":"NoSecrets","Effect":"Deny","Action":"iot:*","Resource":"\(PolicyFixture.arn)topic/secret/*"}]}
            """
        let set = PolicySet([PolicySet.Entry(name: "devices", version: "3", document: try PolicyDocument(parsing: text))])
        let allowed = set.decide(.publish, self.resource, PolicyContext())
        #expect(
            allowed.outcome == .allowed(by: StatementReference(policyName: "devices", policyVersion: "3", index: 1, sid: "Pub")))
        #expect(allowed.description == "allowed by policy devices version 3 statement 2 (Pub)")
        let denied = set.decide(.publish, PolicyFixture.arn + "topic/secret/a", PolicyContext())
        #expect(denied.description == "denied by policy devices version 3 statement 3 (NoSecrets)")
        let implicit = set.decide(.subscribe, self.resource, PolicyContext())
        #expect(implicit.outcome == .implicitDeny(missingVariables: []))
        #expect(implicit.description == "no statement allows it")
        #expect(!implicit.isTimeDependent)
    }

    @Test func tellsWhichVariableWasMissing() throws {
        let set = PolicyFixture.set(try PolicyFixture.document(resource: ["topic/${iot:Connection.Thing.ThingName}"]))
        let decision = set.decide(.publish, self.resource, PolicyContext(clientID: "x"))
        #expect(decision.outcome == .implicitDeny(missingVariables: ["iot:Connection.Thing.ThingName"]))
        #expect(decision.description == "no statement allows it; unknown here: iot:Connection.Thing.ThingName")
    }

    /// A Deny that needs an unknown variable does not apply, and is not why nothing allows.
    @Test func unknownVariablesSwitchStatementsOff() throws {
        let deny = try PolicyFixture.document(effect: "Deny", resource: ["topic/${iot:Connection.Thing.ThingName}"])
        #expect(PolicyFixture.set(deny, try PolicyFixture.document()).allows(.publish, "topic/x"))
        #expect(PolicyFixture.set(deny).missing(.publish, "topic/x") == [])
        for effect in ["Allow", "Deny"] {
            let text =
                #"{"Version":"2012-10-17","Statement":{"Effect":"\#(effect)","Action":"*","NotResource":["\#(PolicyFixture.arn)topic/${iot:ClientId}/*"]}}"#
            let document = try PolicyDocument(parsing: text)
            let set = effect == "Allow" ? PolicyFixture.set(document) : PolicyFixture.set(document, try PolicyFixture.document())
            #expect(set.allows(.publish, "topic/c/x") == (effect == "Deny"))
            #expect(set.allows(.publish, "topic/d/x", PolicyContext(clientID: "c")) == (effect == "Allow"))
            #expect(set.allows(.publish, "topic/c/x", PolicyContext(clientID: "c")) == (effect == "Deny"))
        }
    }

    @Test func decisionsThatHangOnTheTimeSaySo() throws {
        let after = #"{"DateGreaterThan":{"aws:CurrentTime":"2024-01-01"}}"#
        let timed = PolicyFixture.set(try PolicyFixture.document(resource: ["topic/x"], condition: after))
        let (before, later) = (PolicyContext(now: { 1_700_000_000_000 }), PolicyContext(now: { 1_710_000_000_000 }))
        #expect(timed.decide(.publish, self.resource, later).isAllowed)
        #expect(timed.decide(.publish, self.resource, later).isTimeDependent)
        #expect(!timed.decide(.publish, self.resource, before).isAllowed)
        #expect(timed.decide(.publish, self.resource, before).isTimeDependent)
        #expect(!timed.decide(.publish, PolicyFixture.arn + "topic/y", later).isTimeDependent)
        #expect(!timed.decide(.subscribe, self.resource, later).isTimeDependent)

        // A Deny that may start later makes an Allow temporary; one that another condition rules out does not.
        let allow = try PolicyFixture.document()
        let denyLater = try PolicyFixture.document(effect: "Deny", condition: after)
        #expect(PolicyFixture.set(denyLater, allow).decide(.publish, self.resource, before).isTimeDependent)
        let denyOther = try PolicyFixture.document(
            effect: "Deny", condition: #"{"DateGreaterThan":{"aws:EpochTime":"0"},"StringEquals":{"iot:ClientId":"other"}}"#)
        #expect(!PolicyFixture.set(denyOther, allow).decide(.publish, self.resource, before).isTimeDependent)

        let inResource = PolicyFixture.set(try PolicyFixture.document(resource: ["topic/${aws:EpochTime}"]))
        #expect(inResource.decide(.publish, PolicyFixture.arn + "topic/1700000000", before).isAllowed)
        #expect(inResource.decide(.publish, PolicyFixture.arn + "topic/1700000000", before).isTimeDependent)
        let inValue = PolicyFixture.set(try PolicyFixture.document(condition: #"{"StringLike":{"k":"${aws:CurrentTime}"}}"#))
        #expect(inValue.decide(.publish, self.resource, PolicyContext(additional: ["k": ["x"]])).isTimeDependent)
        #expect(
            PolicyFixture.set(try PolicyFixture.document(condition: #"{"ArnLike":{"k":"arn:a:b:c:d:${aws:EpochTime}"}}"#))
                .decide(.publish, self.resource, PolicyContext(additional: ["k": ["x"]])).isTimeDependent)
    }

    @Test func theClockIsThisMachinesByDefault() throws {
        let set = PolicyFixture.set(try PolicyFixture.document(condition: #"{"DateGreaterThan":{"aws:CurrentTime":"2024-01-01"}}"#))
        #expect(set.allows(.publish, "topic/x"))
    }

    @Test func explanationNamesEverythingThatMatched() throws {
        let set = PolicyFixture.set(
            try PolicyFixture.document(), try PolicyFixture.document(effect: "Deny", resource: ["topic/x"]),
            try PolicyFixture.document(resource: ["topic/${iot:ClientId}"]), try PolicyFixture.document(action: "iot:Connect"),
            try PolicyFixture.document(effect: "Deny", resource: ["topic/${aws:UserAgent}"]),
            try PolicyFixture.document(resource: ["topic/*"]))
        let explanation = set.explain(PolicyRequest(action: .publish, resource: self.resource, context: PolicyContext()))
        #expect(explanation.decision.description == "denied by policy p2 version 1 statement 1")
        #expect(explanation.allowing.map(\.policyName) == ["p1", "p6"])
        #expect(explanation.denying.map(\.policyName) == ["p2"])
        #expect(explanation.silentPolicies == ["p3", "p4", "p5"])
        #expect(explanation.missingVariables.sorted() == ["aws:UserAgent", "iot:ClientId"])
        #expect(set.decide(PolicyRequest(action: .publish, resource: self.resource, context: PolicyContext())) == explanation.decision)
    }
}

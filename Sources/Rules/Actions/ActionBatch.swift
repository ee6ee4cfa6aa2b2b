import AWSAPI

/// Why a result cannot be delivered however often it is tried: a value that the target does not take.
struct ActionProblem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// What one result becomes at its target.
struct BatchMember<Entry: Sendable>: Sendable {
    /// Its place among the results that were handed over together.
    let place: Int
    let item: ActionItem
    let entry: Entry
}

/// Delivers several results in few calls: each is made an entry, and those that go to the same place go together.
enum ActionBatch {
    /// Calls that an action without batches has under way.
    static let parallelCalls = 16

    /// - Parameters:
    ///   - prepare: what a result becomes, and where it goes. What it throws fails that result for good.
    ///   - send: hands over entries of one place; returns an outcome for each, in their order.
    static func deliver<Place: Hashable & Sendable, Entry: Sendable>(
        _ items: [ActionItem], prepare: (ActionItem) async throws -> (Place, Entry),
        send: (Place, [BatchMember<Entry>]) async -> [ActionOutcome]
    ) async -> [ActionOutcome] {
        var outcomes = [ActionOutcome](repeating: .failed("The result was not sent.", mayRetry: true), count: items.count)
        var order: [Place] = []
        var groups: [Place: [BatchMember<Entry>]] = [:]
        for (place, item) in items.enumerated() {
            do {
                let (target, entry) = try await prepare(item)
                if groups[target] == nil { order.append(target) }
                groups[target, default: []].append(BatchMember(place: place, item: item, entry: entry))
            } catch {
                outcomes[place] = .failed("\(error)", mayRetry: false)
            }
        }
        for target in order {
            let members = groups[target] ?? []
            for (member, outcome) in zip(members, await send(target, members)) { outcomes[member.place] = outcome }
        }
        return outcomes
    }

    /// For targets that take all entries of a call or none: entries that are refused for good go again in halves, so that a wrong one does
    /// not take the others with it.
    static func sendWhole<Entry: Sendable>(
        _ members: [Entry], _ send: ([Entry]) async throws(ServiceFailure) -> Void
    ) async -> [ActionOutcome] {
        var outcomes: [ActionOutcome] = []
        var waiting = [members[...]]
        while let part = waiting.popLast() {
            do throws(ServiceFailure) {
                try await send(Array(part))
                outcomes += part.map { _ in .done }
            } catch {
                if part.count > 1, !error.mayRetry {
                    let middle = part.startIndex + part.count / 2
                    waiting += [part[middle...], part[..<middle]]
                } else {
                    outcomes += part.map { _ in error.outcome }
                }
            }
        }
        return outcomes
    }
}

extension ActionServices {
    /// Calls a service for one result and says how it went.
    func deliver(_ item: ActionItem, _ request: (ActionItem) async throws -> ServiceRequest) async -> ActionOutcome {
        do {
            let request = try await request(item)
            _ = try await self.call(request, for: item)
            return .done
        } catch let failure as ServiceFailure {
            return failure.outcome
        } catch {
            return .failed("\(error)", mayRetry: false)
        }
    }

    /// The same for results one after the other.
    func deliverEach(_ items: [ActionItem], _ request: (ActionItem) async throws -> ServiceRequest) async -> [ActionOutcome] {
        var outcomes: [ActionOutcome] = []
        for item in items { outcomes.append(await self.deliver(item, request)) }
        return outcomes
    }

    /// Calls a service for each result: side by side, but one after the other in their order for those with the same name.
    ///
    /// - Parameter request: the name of what is written, and the call.
    func deliverInOrder(
        _ items: [ActionItem], _ request: @Sendable (ActionItem) async throws -> (String, ServiceRequest)
    ) async -> [ActionOutcome] {
        await ActionBatch.deliver(items, prepare: { (0, try await request($0)) }) { _, members in
            var lanes: [[BatchMember<(String, ServiceRequest)>]] = []
            var places: [String: Int] = [:]
            for member in members {
                let place = places[member.entry.0] ?? lanes.count
                places[member.entry.0] = place
                if place == lanes.count { lanes.append([]) }
                lanes[place].append(member)
            }
            let outcomes = await self.deliver(lanes)
            return members.map { outcomes[$0.place] ?? .failed("The result was not sent.", mayRetry: true) }
        }
    }

    /// - Returns: how each result went, by its place.
    private func deliver(_ lanes: [[BatchMember<(String, ServiceRequest)>]]) async -> [Int: ActionOutcome] {
        await withTaskGroup(of: [(Int, ActionOutcome)].self) { group in
            var outcomes: [Int: ActionOutcome] = [:]
            for (i, lane) in lanes.enumerated() {
                if i >= ActionBatch.parallelCalls, let done = await group.next() { outcomes.merge(done) { $1 } }
                group.addTask {
                    var results: [(Int, ActionOutcome)] = []
                    var waits: ActionOutcome?
                    for member in lane {
                        // What is tried again later must not come behind what is newer.
                        let outcome =
                            if let waits { waits } else { await self.deliver(member.item) { _ in member.entry.1 } }
                        if case .failed(_, mayRetry: true) = outcome { waits = outcome }
                        results.append((member.place, outcome))
                    }
                    return results
                }
            }
            for await done in group { outcomes.merge(done) { $1 } }
            return outcomes
        }
    }
}

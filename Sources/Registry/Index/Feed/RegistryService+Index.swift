import JSON
import Logging
import Storage
import Synchronization

extension RegistryService {
    /// What other rooms tell the index.
    package var indexFeed: IndexFeed { self.index }

    /// Keeps the index up to date until the task is cancelled.
    package func keepIndex() async {
        while !Task.isCancelled, await self.index.waitForWork() {
            // Changes that come together are worked off together.
            try? await Task.sleep(for: .milliseconds(10))
            await self.workOff()
        }
    }

    private func workOff() async {
        do {
            while try await self.indexStep() {}
            while !Task.isCancelled, try await self.indexPassStep() {}
        } catch is CancellationError {
            return
        } catch {
            self.logger.error("the search index could not be brought up to date; it is tried again", metadata: ["error": "\(error)"])
            try? await Task.sleep(for: .seconds(1))
            self.index.wake()
        }
    }

    /// Works off what was marked before a search.
    func catchUpIndex() async throws {
        for _ in 0..<IndexFeed.maxStepsOfSearch {
            guard try await self.indexStep() else { return }
        }
    }

    /// One batch of marks. False when there was none.
    private func indexStep() async throws -> Bool {
        // Also while another step is not on disk yet: a search must see what that one took.
        guard self.index.hasWork else { return false }
        let index = self.index
        let sources = index.sources
        let taken = Mutex<IndexFeed.Work?>(nil)
        do {
            let isMore = try await self.change { transaction in
                // In the writer, so that whoever asks later gets what was committed later.
                guard let work = index.takeWork() else { return false }
                taken.withLock { $0 = work }
                for (client, facts) in work.clients { try transaction.setConnectivity(of: client, to: facts, work.configuration) }
                if work.lostClients { try IndexPass.begin(in: transaction.connection) }
                return try transaction.workOffMarks(sources, work.configuration, limit: IndexFeed.batch)
            }
            index.finish(taken.withLock { $0 }, hasFailed: false)
            if isMore { index.putBack() }
            return true
        } catch {
            index.finish(taken.withLock { $0 }, hasFailed: true)
            throw error
        }
    }

    // MARK: Start and configuration

    /// Reads the configuration, and tells of clients that were connected when the server ended.
    func startIndex() async throws {
        let now = self.clock()
        let configuration = try await self.change { transaction in
            let configuration = try IndexConfiguration.load(transaction.connection)
            if configuration.wants(.connectivity) { try transaction.disconnectAll(now: now) }
            return configuration
        }
        await self.index.sources?.listen(to: configuration.wants(.connectivity))
        self.index.take(configuration)
    }

    /// Puts a new configuration into force.
    func configureIndex(_ body: @escaping @Sendable (RegistryTransaction, inout IndexConfiguration) throws -> Void) async throws {
        let (old, new) = try await self.change { transaction in
            let old = try IndexConfiguration.load(transaction.connection)
            var new = old
            try body(transaction, &new)
            if !new.hasSources(of: old) || new.geoLocations != old.geoLocations {
                try IndexPass.begin(in: transaction.connection)
                // What was searchable stays so while something is added or taken away.
                let isNew = old.shadowNames.isEmpty && !old.wants(.connectivity)
                new.status = isNew || old.status == .building ? .building : .rebuilding
            }
            try new.save(transaction.connection)
            return (old, new)
        }
        if old.wants(.connectivity) != new.wants(.connectivity) { await self.index.sources?.listen(to: new.wants(.connectivity)) }
        self.index.take(new)
    }
}

extension RegistryTransaction {
    /// Shadows of a thing that may be there already when it is created.
    func markShadows(of thing: String) throws {
        for name in try self.indexConfiguration().shadowNames { try self.mark(shadow: name, of: thing) }
    }

    /// - Returns: whether there may be more marks.
    func workOffMarks(_ sources: (any IndexSources)?, _ configuration: IndexConfiguration, limit: Int) throws -> Bool {
        let rows = try self.connection.query("SELECT thing, shadow FROM registry_index_changes LIMIT ?", [StoreValue(limit)])
        for row in rows {
            let (thing, name) = (try row.text(0), try row.text(1))
            try self.connection.execute(
                "DELETE FROM registry_index_changes WHERE thing = ? AND shadow = ?", [.text(thing), .text(name)])
            guard let item = try self.things.number(of: thing) else { continue }
            try self.readShadow(name, of: thing, item, sources, configuration)
        }
        return rows.count == limit
    }

    func readShadow(
        _ name: String, of thing: String, _ item: Int64, _ sources: (any IndexSources)?, _ configuration: IndexConfiguration
    ) throws {
        let part = name.isEmpty ? IndexPart.shadow : .namedShadow(name)
        let body = configuration.wants(part) ? try sources?.shadow(name, of: thing, in: self.connection) : nil
        try self.setPart(part, of: item, to: body)
    }

    /// Clients that are no things are not indexed.
    func setConnectivity(of client: String, to facts: JSONObject, _ configuration: IndexConfiguration) throws {
        guard configuration.wants(.connectivity), let item = try self.things.number(of: client) else { return }
        // A pass over all things may have seen the client later than this happened.
        let known = try self.parts.find(.connectivity, of: item)?["timestamp"]?.intValue ?? 0
        guard facts["timestamp"]?.intValue ?? 0 >= known else { return }
        try self.setPart(.connectivity, of: item, to: facts)
    }

    /// Whoever was connected when the server ended is not any more.
    func disconnectAll(now: Int64) throws {
        guard let field = try self.fields.number(of: IndexField(domain: .things, path: IndexDocument.connected)) else { return }
        while true {
            let items = try self.terms.items(field, word: "true", from: 0, limit: MemberTable.batch)
            if items.isEmpty { return }
            for item in items {
                var body = try self.parts.find(.connectivity, of: item) ?? [:]
                body["connected"] = false
                body["timestamp"] = .int(now)
                body["disconnectReason"] = "SERVER_ERROR"
                try self.setPart(.connectivity, of: item, to: body)
            }
        }
    }
}

import Logging
import Storage

extension IdentityService {
    /// What a connection may do, without I/O; nil when the store must be asked. The box is brought up to date in place until the caller lets
    /// go of it.
    package func authorityNow(for subject: AuthoritySubject) -> ConnectionAuthorityBox? {
        let box = ConnectionAuthorityBox(subject: subject, live: self.live)
        if let fixed = self.loader.fixed(subject) {
            box.take(.effective(fixed), ticket: self.live.nextTicket())
            return box
        }
        // Registered before the look-up: a change either finds the box, or made the loader forget before it was asked.
        let ticket = self.live.add(box)
        guard let known = self.loader.cached(subject) else { return nil }
        box.take(.effective(known), ticket: ticket)
        return box
    }

    /// The same, by the store where need be.
    package func authority(for subject: AuthoritySubject) async throws -> ConnectionAuthorityBox {
        if let box = self.authorityNow(for: subject) { return box }
        let box = ConnectionAuthorityBox(subject: subject, live: self.live)
        // Registered before the read, so that no change falls between the two.
        let ticket = self.live.add(box)
        let known = self.knownAttributes(of: subject.principal)
        let loader = self.loader
        let epoch = loader.epoch
        let content = try await self.store.read { try loader.load(subject, certificate: known, epoch: epoch, in: $0) }
        box.take(content, ticket: ticket)
        return box
    }

    /// Usually the TLS handshake has just asked for the same certificate.
    private func knownAttributes(of principal: Principal) -> CertificateAttributes? {
        guard case .certificate(let id) = principal, case .found(let certificate) = self.certificates.find(id) else { return nil }
        return certificate.attributes
    }

    /// Reads anew what the live authorities in `scope` rest on. Returns when all of them decide by it: whether there are any.
    @discardableResult
    func refresh(_ scope: AuthorityScope) async -> Bool {
        // First, so that no connection that comes from now on starts with what the change took away.
        self.loader.forget(scope)
        let boxes = await self.boxes(in: scope)
        var rest = boxes[...]
        while !rest.isEmpty {
            await self.refresh(Array(rest.prefix(IdentityLimits.principalsPerRefresh)))
            rest = rest.dropFirst(IdentityLimits.principalsPerRefresh)
        }
        return !boxes.isEmpty
    }

    /// Among many connections, those of a thing are found by what it holds: a thing counts for nobody else.
    private func boxes(in scope: AuthorityScope) async -> [ConnectionAuthorityBox] {
        guard case .thing(let name) = scope else { return self.live.boxes(in: scope) }
        if self.live.isEmpty { return [] }
        let things = self.things
        do {
            let holders = try await self.store.read { try things.principals(ofThing: name, in: $0) }
            return holders.flatMap { self.live.boxes(in: .principal($0)) }
        } catch {
            // Whoever may be meant is read anew, and denied if that fails as well.
            return self.live.boxes(in: scope)
        }
    }

    /// A box whose policies cannot be read allows nothing: the change may have taken a right away.
    private func refresh(_ boxes: [ConnectionAuthorityBox]) async {
        let ticket = self.live.nextTicket()
        let loader = self.loader
        let epoch = loader.epoch
        let contents: [ConnectionAuthorityBox.Content]
        do {
            contents = try await self.store.read { connection in
                boxes.map { box in
                    do {
                        return try loader.load(box.subject, certificate: box.certificate, epoch: epoch, in: connection)
                    } catch {
                        return .refused("its policies could not be read: \(error)", certificate: box.certificate)
                    }
                }
            }
        } catch {
            self.logger.error("Policies could not be read after a change: their connections are denied", metadata: ["error": "\(error)"])
            contents = boxes.map { .refused("its policies could not be read: \(error)", certificate: $0.certificate) }
        }
        for (box, content) in zip(boxes, contents) { box.take(content, ticket: ticket) }
    }
}

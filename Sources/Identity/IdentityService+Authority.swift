import Logging
import Storage

extension IdentityService {
    /// What a connection may do. The box is brought up to date in place until the caller lets go of it.
    package func authority(for subject: AuthoritySubject) async throws -> ConnectionAuthorityBox {
        let box = ConnectionAuthorityBox(subject: subject, live: self.live)
        if let fixed = self.loader.fixed(subject) {
            box.take(.effective(fixed), ticket: self.live.nextTicket())
            return box
        }
        // Registered before the read, so that no change falls between the two.
        self.live.add(box)
        let ticket = self.live.nextTicket()
        let known = self.knownAttributes(of: subject.principal)
        let loader = self.loader
        let content = try await self.store.read { try loader.load(subject, certificate: known, in: $0) }
        box.take(content, ticket: ticket)
        return box
    }

    /// Usually the TLS handshake has just asked for the same certificate.
    private func knownAttributes(of principal: Principal) -> CertificateAttributes? {
        guard case .certificate(let id) = principal, case .found(let certificate) = self.certificates.find(id) else { return nil }
        return certificate.attributes
    }

    /// Reads anew what the live authorities in `scope` rest on. Returns when all of them decide by it.
    func refresh(_ scope: AuthorityScope) async {
        let boxes = self.live.boxes(in: scope)
        var rest = boxes[...]
        while !rest.isEmpty {
            await self.refresh(Array(rest.prefix(IdentityLimits.principalsPerRefresh)))
            rest = rest.dropFirst(IdentityLimits.principalsPerRefresh)
        }
    }

    /// A box whose policies cannot be read allows nothing: the change may have taken a right away.
    private func refresh(_ boxes: [ConnectionAuthorityBox]) async {
        let ticket = self.live.nextTicket()
        let loader = self.loader
        let contents: [ConnectionAuthorityBox.Content]
        do {
            contents = try await self.store.read { connection in
                boxes.map { box in
                    do {
                        return try loader.load(box.subject, certificate: box.certificate, in: connection)
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

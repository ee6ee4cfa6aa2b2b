import Synchronization

/// A bounded number of device certificates in front of the store, for the TLS handshake.
///
/// Unknown ids are not kept: they cost a look-up by key each time, and cannot push out those that are known.
final class CertificateCache: Sendable {
    private struct State {
        var entries: TwoGenerationCache<String, DeviceCertificate>
        /// Rises with each removal, so that a value read before a change is not put in after it.
        var epoch = 0
    }

    private let state: Mutex<State>

    init(capacity: Int = IdentityLimits.cachedCertificates) {
        self.state = Mutex(State(entries: TwoGenerationCache(capacity: capacity)))
    }

    enum LookUp {
        case found(DeviceCertificate)
        /// Not here: whoever reads it from the store gives it to `insert` with this epoch.
        case missing(epoch: Int)
    }

    func find(_ id: String) -> LookUp {
        self.state.withLock { state in
            state.entries.find(id).map(LookUp.found) ?? .missing(epoch: state.epoch)
        }
    }

    func insert(_ certificate: DeviceCertificate, readAt epoch: Int) {
        self.state.withLock { state in
            guard state.epoch == epoch else { return }
            state.entries.insert(certificate, for: certificate.id)
        }
    }

    func remove(_ id: String) {
        self.state.withLock { state in
            state.epoch += 1
            state.entries.remove(id)
        }
    }
}

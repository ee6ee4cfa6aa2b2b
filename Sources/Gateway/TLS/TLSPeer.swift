import Identity
import Logging
import NIOCore
import NIOSSL

/// Who is at the other end of one TLS connection. Touched on the connection's event loop only.
final class TLSPeer {
    /// The name that the client asked for (SNI).
    var serverName: String?
    /// The certificate that the handshake verified, or that a resumed session brought along.
    var certificateID: String?
}

/// Decides on the certificates of devices: who signed one is not asked, it must be registered, ACTIVE and inside its dates. That the
/// device holds the key is TLS's part.
final class CertificateVerifier: Sendable {
    private let directory: any DeviceDirectory
    private let metrics: GatewayMetrics
    private let logger: Logger
    private let logLimit = LogLimit()

    init(directory: any DeviceDirectory, metrics: GatewayMetrics, logger: Logger) {
        self.directory = directory
        self.metrics = metrics
        self.logger = logger
    }

    enum Answer {
        case now(isAdmitted: Bool)
        /// Completes on the connection's event loop.
        case later(isAdmitted: EventLoopFuture<Bool>)
    }

    /// Answers for `chain`, and notes the device in `peer`. Called on the connection's event loop.
    ///
    /// Whatever the reason, a refusal fails the handshake with the same alert: the log tells the operator, the wire tells nobody.
    func verify(_ chain: [NIOSSLCertificate], of peer: TLSPeer, on channel: any Channel) -> Answer {
        guard let leaf = chain.first, let bytes = try? leaf.toDERBytes() else {
            self.metrics.refused(.noCertificate)
            return .now(isAdmitted: false)
        }
        let id = CertificateID.fingerprint(ofDER: bytes)
        // Most devices have connected before, and are known without a look at the store.
        if let admission = self.directory.admissionNow(certificateID: id, serverName: peer.serverName) {
            let isAdmitted = self.admits(admission, id, address: channel.remoteAddress)
            if isAdmitted { peer.certificateID = id }
            return .now(isAdmitted: isAdmitted)
        }
        return .later(isAdmitted: self.lookUp(id, of: peer, on: channel))
    }

    private func lookUp(_ id: String, of peer: TLSPeer, on channel: any Channel) -> EventLoopFuture<Bool> {
        let serverName = peer.serverName
        let address = channel.remoteAddress
        let promise = channel.eventLoop.makePromise(of: Bool.self)
        promise.completeWithTask {
            await self.admits(id, serverName: serverName, address: address)
        }
        let loopBoundPeer = NIOLoopBound(peer, eventLoop: channel.eventLoop)
        return promise.futureResult.map { isAdmitted in
            if isAdmitted { loopBoundPeer.value.certificateID = id }
            return isAdmitted
        }
    }

    private func admits(_ id: String, serverName: String?, address: SocketAddress?) async -> Bool {
        do {
            let admission = try await self.directory.admission(certificateID: id, serverName: serverName)
            return self.admits(admission, id, address: address)
        } catch {
            self.log(.error, "refused a device: its certificate could not be looked up: \(error)", id: id, address: address)
            return false
        }
    }

    private func admits(_ admission: DeviceAdmission, _ id: String, address: @autoclosure () -> SocketAddress?) -> Bool {
        guard let refusal = admission.refusal else { return true }
        self.metrics.refused(refusal)
        self.log(.notice, "refused a device: \(admission.explanation)", id: id, address: address())
        return false
    }

    private func log(_ level: Logger.Level, _ message: String, id: String, address: SocketAddress?) {
        self.logLimit.run { suppressed in
            var metadata: Logger.Metadata = ["certificate": "\(id)", "address": "\(address?.ipAddress ?? "")"]
            if suppressed > 0 { metadata["suppressed"] = "\(suppressed)" }
            self.logger.log(level: level, "\(message)", metadata: metadata)
        }
    }
}

import Storage

/// A registered CA certificate as its table keeps it.
struct CACertificateRecord: Sendable, Hashable {
    var id: String
    var pem: String
    /// `ParsedCertificate.subjectHash`.
    var subject: String
    var status: CACertificateStatus
    var mode: CertificateMode
    var autoRegistration: AutoRegistrationStatus
    /// The `registrationConfig` of the request as JSON text.
    var registrationConfig: String?
    var notBefore: Timestamp
    var notAfter: Timestamp
    var created: Timestamp
    var modified: Timestamp
    var customerVersion: Int64
    var generationID: String

    static let columns = """
        id, pem, subject, status, mode, auto_registration, registration_config, not_before_ms, not_after_ms, created_ms, modified_ms, \
        customer_version, generation_id
        """

    /// Reads a row of `columns`.
    init(_ row: StoreRow) throws {
        self.id = try row.text(0)
        self.pem = try row.text(1)
        self.subject = try row.text(2)
        self.status = try row.enumeration(3)
        self.mode = try row.enumeration(4)
        self.autoRegistration = try row.enumeration(5)
        self.registrationConfig = try row.optionalText(6)
        self.notBefore = Timestamp(milliseconds: try row.integer(7))
        self.notAfter = Timestamp(milliseconds: try row.integer(8))
        self.created = Timestamp(milliseconds: try row.integer(9))
        self.modified = Timestamp(milliseconds: try row.integer(10))
        self.customerVersion = try row.integer(11)
        self.generationID = try row.text(12)
    }

    init(_ certificate: ParsedCertificate, mode: CertificateMode, now: Timestamp, generationID: String) throws {
        self.id = certificate.id
        self.pem = certificate.pem
        self.subject = try certificate.subjectHash()
        self.status = .inactive
        self.mode = mode
        self.autoRegistration = .disable
        self.notBefore = certificate.notBefore
        self.notAfter = certificate.notAfter
        self.created = now
        self.modified = now
        self.customerVersion = 1
        self.generationID = generationID
    }
}

package import AWSAPI

extension IdentityService {
    /// This room's operations, for the endpoint.
    package var operations: [any AWSOperation] {
        self.certificateOperations + self.authorityOperations + self.policyOperations + self.attachmentOperations + self.roleOperations + [
            DescribeEndpoint(identity: self), TestAuthorization(identity: self), GetEffectivePolicies(identity: self),
            TagResource(identity: self), UntagResource(identity: self), ListTagsForResource(identity: self),
        ]
    }

    private var roleOperations: [any AWSOperation] {
        [
            CreateRoleAlias(identity: self), DescribeRoleAlias(identity: self), ListRoleAliases(identity: self),
            UpdateRoleAlias(identity: self), DeleteRoleAlias(identity: self), AssumeRoleWithCertificate(identity: self),
        ] + IAMOperations.all(identity: self)
    }

    private var certificateOperations: [any AWSOperation] {
        [
            CreateKeysAndCertificate(identity: self), CreateCertificateFromCsr(identity: self),
            RegisterCertificate(identity: self), RegisterCertificateWithoutCA(identity: self),
            DescribeCertificate(identity: self), ListCertificates(identity: self), ListCertificatesByCA(identity: self),
            UpdateCertificate(identity: self), DeleteCertificate(identity: self),
        ]
    }

    private var authorityOperations: [any AWSOperation] {
        [
            GetRegistrationCode(identity: self), DeleteRegistrationCode(identity: self), RegisterCACertificate(identity: self),
            DescribeCACertificate(identity: self), ListCACertificates(identity: self), UpdateCACertificate(identity: self),
            DeleteCACertificate(identity: self),
        ]
    }

    private var policyOperations: [any AWSOperation] {
        [
            CreatePolicy(identity: self), GetPolicy(identity: self), ListPolicies(identity: self), DeletePolicy(identity: self),
            CreatePolicyVersion(identity: self), GetPolicyVersion(identity: self), ListPolicyVersions(identity: self),
            DeletePolicyVersion(identity: self), SetDefaultPolicyVersion(identity: self),
        ]
    }

    private var attachmentOperations: [any AWSOperation] {
        [
            AttachPolicy(identity: self), DetachPolicy(identity: self), ListAttachedPolicies(identity: self),
            ListTargetsForPolicy(identity: self), AttachPrincipalPolicy(identity: self), DetachPrincipalPolicy(identity: self),
            ListPrincipalPolicies(identity: self), ListPolicyPrincipals(identity: self),
        ]
    }
}

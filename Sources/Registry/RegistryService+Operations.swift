package import AWSAPI

extension RegistryService {
    /// This room's operations, for the endpoint.
    package var operations: [any AWSOperation] {
        self.thingOperations + self.principalOperations + self.typeOperations + self.billingOperations + self.groupOperations
            + self.indexOperations + self.eventOperations
    }

    private var thingOperations: [any AWSOperation] {
        [
            CreateThing(registry: self), DescribeThing(registry: self), UpdateThing(registry: self), DeleteThing(registry: self),
            ListThings(registry: self),
        ]
    }

    private var principalOperations: [any AWSOperation] {
        [
            AttachThingPrincipal(registry: self), DetachThingPrincipal(registry: self), ListThingPrincipals(registry: self),
            ListThingPrincipalsV2(registry: self), ListPrincipalThings(registry: self), ListPrincipalThingsV2(registry: self),
        ]
    }

    private var typeOperations: [any AWSOperation] {
        [
            CreateThingType(registry: self), DescribeThingType(registry: self), ListThingTypes(registry: self),
            UpdateThingType(registry: self), DeprecateThingType(registry: self), DeleteThingType(registry: self),
        ]
    }

    private var billingOperations: [any AWSOperation] {
        [
            CreateBillingGroup(registry: self), DescribeBillingGroup(registry: self), ListBillingGroups(registry: self),
            UpdateBillingGroup(registry: self), DeleteBillingGroup(registry: self), AddThingToBillingGroup(registry: self),
            RemoveThingFromBillingGroup(registry: self), ListThingsInBillingGroup(registry: self),
        ]
    }

    private var groupOperations: [any AWSOperation] {
        [
            CreateThingGroup(registry: self), DescribeThingGroup(registry: self), UpdateThingGroup(registry: self),
            DeleteThingGroup(registry: self), ListThingGroups(registry: self), AddThingToThingGroup(registry: self),
            RemoveThingFromThingGroup(registry: self), ListThingsInThingGroup(registry: self), ListThingGroupsForThing(registry: self),
            UpdateThingGroupsForThing(registry: self), CreateDynamicThingGroup(registry: self), UpdateDynamicThingGroup(registry: self),
            DeleteDynamicThingGroup(registry: self),
        ]
    }

    private var indexOperations: [any AWSOperation] {
        [
            UpdateIndexingConfiguration(registry: self), GetIndexingConfiguration(registry: self), DescribeIndex(registry: self),
            ListIndices(registry: self), SearchIndex(registry: self), GetStatistics(registry: self), GetCardinality(registry: self),
            GetPercentiles(registry: self), GetBucketsAggregation(registry: self), GetThingConnectivityData(registry: self),
        ]
    }

    private var eventOperations: [any AWSOperation] {
        [DescribeEventConfigurations(registry: self), UpdateEventConfigurations(registry: self)]
    }
}

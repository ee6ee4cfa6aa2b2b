/// The dialects of the rules engine's SQL (CreateTopicRule, `awsIotSqlVersion`).
package enum SQLVersion: String, Sendable, Hashable, CaseIterable {
    /// The API's default when a rule names none. No literals for arrays and objects, no nested SELECT, fewer functions; whole decimals
    /// keep their fraction (10.0).
    case v2015 = "2015-10-08"
    /// Everything; a decimal that is a whole number is an Int (10.0 is 10).
    case v2016 = "2016-03-23"
    /// What AWS calls its newest; the same as 2016-03-23.
    case beta

    /// 2016-03-23 and later.
    var isModern: Bool { self != .v2015 }
}

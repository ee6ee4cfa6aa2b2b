/// What AWS documents in two ways, as choices. The defaults satisfy the larger part of its examples.
package struct SQLOptions: Sendable, Hashable {
    package enum IntegerDivision: Sendable, Hashable {
        /// 10 / 4 is 2: "Int / Int is Int".
        case truncating
        /// 10 / 5 is 2 and 10 / 4 is 2.5: both samples of AWS hold, `(50 - 32) * 5 / 9 = 10` and `215 / 9 = 23.89`.
        case exactWhenWhole
    }

    package enum Complement: Sendable, Hashable {
        /// bitnot(13) is -14.
        case twosComplement
        /// bitnot(13) is 2, as in AWS's sample: the complement within the number's own bits.
        case significantBits
    }

    package enum DecimalToInt: Sendable, Hashable {
        /// As the tables of the functions say: substring("012345", 2.745) starts at 2.
        case floor
        /// As the general table says; halves go away from zero.
        case nearest
    }

    package var integerDivision: IntegerDivision
    package var complement: Complement
    package var decimalToInt: DecimalToInt

    package init(
        integerDivision: IntegerDivision = .exactWhenWhole, complement: Complement = .twosComplement, decimalToInt: DecimalToInt = .floor
    ) {
        self.integerDivision = integerDivision
        self.complement = complement
        self.decimalToInt = decimalToInt
    }

    package static let `default` = SQLOptions()
}

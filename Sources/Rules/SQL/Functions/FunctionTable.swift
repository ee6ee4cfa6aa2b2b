/// All functions of the language by name (AWS IoT SQL reference, "Functions"). `cast` is syntax.
enum FunctionTable {
    static let functions: [String: SQLFunction] = {
        let families = [
            MathFunctions.all, DoubleFunctions.all, BitFunctions.all, TextFunctions.all, PaddingFunctions.all, RegexFunctions.all,
            CollectionFunctions.all, HashFunctions.all, EncodingFunctions.all, MessageFunctions.all, NullFunctions.all,
            TimeFunctions.all, ExternalFunctions.all,
        ]
        return Dictionary(families.joined().map { ($0.name, $0) }) { first, _ in first }
    }()
}

/// Finds what is registered for a method and a path. Literal segments win over labels, and labels over a rest of the path.
///
/// A segment is compared and a label is handed out percent-decoded; the path is split before decoding, so that an encoded slash belongs to
/// its label. Nothing is resolved: `..` is a segment like any other.
struct RouteTree<Value: Sendable>: Sendable {
    struct Match {
        let value: Value
        let labels: [String: String]
    }

    enum Outcome {
        case found(Match)
        /// The path exists with other methods.
        case otherMethod
        case none
        /// A label's bytes are not UTF-8.
        case notText
    }

    private struct Route: Sendable {
        let value: Value
        let labelNames: [String]
    }

    private struct Node: Sendable {
        var literals: [String: Node] = [:]
        /// The node behind a label; an array of at most one, as a struct cannot hold itself.
        var label: [Node] = []
        /// By method, what ends here.
        var routes: [String: Route] = [:]
        /// By method, what takes the rest of the path.
        var greedy: [String: Route] = [:]
    }

    private var root = Node()

    /// - Parameter path: as in `OperationRoute.path`. A slash at its end means nothing.
    mutating func insert(_ value: Value, method: String, path: String) {
        let segments = path.split(separator: "/", omittingEmptySubsequences: true)
        let names = segments.compactMap(Self.labelName)
        let isGreedy = segments.last?.hasSuffix("+}") ?? false
        Self.insert(Route(value: value, labelNames: names), method, segments[...], isGreedy: isGreedy, into: &self.root)
    }

    private static func insert(
        _ route: Route, _ method: String, _ segments: ArraySlice<Substring>, isGreedy: Bool, into node: inout Node
    ) {
        guard let segment = segments.first else {
            node.routes[method] = route
            return
        }
        if isGreedy, segments.count == 1 {
            node.greedy[method] = route
        } else if Self.labelName(segment) != nil {
            if node.label.isEmpty { node.label.append(Node()) }
            Self.insert(route, method, segments.dropFirst(), isGreedy: isGreedy, into: &node.label[0])
        } else {
            Self.insert(route, method, segments.dropFirst(), isGreedy: isGreedy, into: &node.literals[String(segment), default: Node()])
        }
    }

    private static func labelName(_ segment: Substring) -> String? {
        guard segment.hasPrefix("{"), segment.hasSuffix("}") else { return nil }
        return String(segment.dropFirst().dropLast().prefix { $0 != "+" })
    }

    /// Everything that was inserted, in no order.
    var values: [Value] { Self.values(in: self.root) }

    private static func values(in node: Node) -> [Value] {
        let here = node.routes.values.map(\.value) + node.greedy.values.map(\.value)
        return here + node.literals.values.flatMap(Self.values) + node.label.flatMap(Self.values)
    }

    // MARK: Looking up

    func find(method: String, path: some StringProtocol) -> Outcome {
        var search = Search(method: method)
        let rest = Substring(path).drop { $0 == "/" }
        guard let route = search.walk(self.root, rest, values: []) else {
            return search.sawOtherMethod ? .otherMethod : .none
        }
        var labels: [String: String] = [:]
        for (name, raw) in zip(route.route.labelNames, route.values) {
            guard let text = PercentEncoding.decodeText(raw) else { return .notText }
            labels[name] = text
        }
        return .found(Match(value: route.route.value, labels: labels))
    }

    /// One look-up. It tries again behind a literal that leads nowhere, so the steps are bounded by two to the depth of the templates,
    /// which have few segments, not by the path.
    private struct Search {
        let method: String
        var sawOtherMethod = false

        mutating func walk(_ node: Node, _ rest: Substring, values: [Substring]) -> (route: Route, values: [Substring])? {
            guard !rest.isEmpty else { return self.end(node, values) }
            let segment = rest.prefix { $0 != "/" }
            // One slash parts two segments; the others are content of a greedy label, or empty segments that no template has.
            let behind = rest.dropFirst(segment.count).dropFirst()
            if !node.literals.isEmpty, let text = PercentEncoding.decodeText(segment), let next = node.literals[text],
                let found = self.walk(next, behind, values: values)
            {
                return found
            }
            if !segment.isEmpty, let next = node.label.first, let found = self.walk(next, behind, values: values + [segment]) {
                return found
            }
            if let route = node.greedy[self.method] { return (route, values + [rest]) }
            self.sawOtherMethod = self.sawOtherMethod || !node.greedy.isEmpty
            return nil
        }

        private mutating func end(_ node: Node, _ values: [Substring]) -> (route: Route, values: [Substring])? {
            if let route = node.routes[self.method] { return (route, values) }
            self.sawOtherMethod = self.sawOtherMethod || !node.routes.isEmpty
            return nil
        }
    }
}

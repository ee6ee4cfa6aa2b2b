internal import JSON
internal import NIOCore

/// The form of a request in AWS's query protocol: `Action=Publish&Version=2010-03-31&Entries.member.1.Id=a`.
enum QueryForm {
    /// Parameters that a form may have. One that has more is read as empty: the operation misses what it needs, rather than a part of it.
    static let maxParameters = 50_000
    /// Names between the dots of a parameter. A longer one is not looked at.
    static let maxDepth = 16

    static func action(of request: APIRequest) -> String? {
        Self.parameters(of: request.body).first { $0.name == "Action" }?.value
    }

    /// The parameters as the object that they stand for: `X.member.1` and `X.1` are lists, `X.entry.1.key` and `.value` maps. All leaves
    /// are texts, since the protocol tells no others apart.
    static func object(of body: ByteBuffer) -> JSONObject {
        var root = Node()
        let parameters = Self.parameters(of: body)
        guard parameters.count <= Self.maxParameters else { return [:] }
        for parameter in parameters {
            let path = parameter.name.split(separator: ".", omittingEmptySubsequences: true)
            guard (1...Self.maxDepth).contains(path.count) else { continue }
            root.insert(parameter.value, at: path[...])
        }
        guard case .object(let object) = root.value else { return [:] }
        return object
    }

    static func parameters(of body: ByteBuffer) -> [QueryItem] {
        let text = String(buffer: body)
        return text.split(separator: "&", maxSplits: Self.maxParameters + 1, omittingEmptySubsequences: true).prefix(Self.maxParameters + 1)
            .map { item in
                let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return QueryItem(Self.text(parts[0]), parts.count > 1 ? Self.text(parts[1]) : "")
            }
    }

    /// Forms write a blank as a plus sign.
    private static func text(_ part: Substring) -> String {
        String(decoding: PercentEncoding.decode(part.replacing("+", with: " ")), as: UTF8.self)
    }

    private struct Node {
        var text: String?
        var children: [(name: String, node: Node)] = []
        var places: [String: Int] = [:]

        mutating func insert(_ value: String, at path: ArraySlice<Substring>) {
            guard let first = path.first else {
                self.text = value
                return
            }
            let name = String(first)
            let place: Int
            if let known = self.places[name] {
                place = known
            } else {
                place = self.children.count
                self.places[name] = place
                self.children.append((name, Node()))
            }
            self.children[place].node.insert(value, at: path.dropFirst())
        }

        var value: JSONValue {
            if self.children.isEmpty { return .string(self.text ?? "") }
            if self.children.count == 1, let only = self.children.first, ["member", "entry"].contains(only.name), let list = only.node.list
            {
                return only.name == "member" ? .array(list) : Self.map(list)
            }
            if let list = self.list { return .array(list) }
            var object: JSONObject = [:]
            for child in self.children { object[child.name] = child.node.value }
            return .object(object)
        }

        /// The children in the order of their numbers, when they are all numbers.
        private var list: [JSONValue]? {
            var numbered: [(Int, JSONValue)] = []
            for child in self.children {
                guard let number = Int(child.name) else { return nil }
                numbered.append((number, child.node.value))
            }
            return numbered.isEmpty ? nil : numbered.sorted { $0.0 < $1.0 }.map(\.1)
        }

        private static func map(_ entries: [JSONValue]) -> JSONValue {
            var object: JSONObject = [:]
            for entry in entries {
                guard let key = (entry["key"] ?? entry["Name"])?.stringValue, let value = entry["value"] ?? entry["Value"] else { continue }
                object[key] = value
            }
            return .object(object)
        }
    }
}

/// What the status page and `/health` tell of a running server.
package struct ConsoleStatus: Sendable {
    /// One line of the page.
    package struct Item: Sendable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package struct Section: Sendable {
        package let title: String
        package let items: [Item]

        package init(_ title: String, _ items: [Item]) {
            self.title = title
            self.items = items
        }
    }

    package let version: String
    /// False while the server starts or stops.
    package let isServing: Bool
    package let sections: [Section]

    package init(version: String, isServing: Bool, sections: [Section]) {
        self.version = version
        self.isServing = isServing
        self.sections = sections
    }
}

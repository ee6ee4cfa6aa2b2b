import Storage

/// Items that may satisfy a part of a query, in ascending order.
///
/// All that do are among them; what really does is decided on the document.
class ItemCursor {
    /// The first item that is not before `item`; nil when there is none. Calls never go back.
    func next(from item: Int64) throws -> Int64? { nil }
}

/// Items that were gathered before.
final class GatheredCursor: ItemCursor {
    private let items: [Int64]
    private var index = 0

    /// - Parameter items: in ascending order.
    init(_ items: [Int64]) { self.items = items }

    override func next(from item: Int64) throws -> Int64? {
        while self.index < self.items.count, self.items[self.index] < item { self.index += 1 }
        return self.index < self.items.count ? self.items[self.index] : nil
    }
}

/// The rows of a query in the order of items, read in batches from where they are wanted.
final class QueryCursor: ItemCursor {
    private let connection: any StoreConnection
    private let sql: String
    private let values: [StoreValue]
    private var batch: [Int64] = []
    private var index = 0
    private var isLast = false

    /// - Parameter sql: of a fixed set of texts; its last two values are the first item wanted and how many.
    init(_ connection: any StoreConnection, _ sql: String, _ values: [StoreValue]) {
        self.connection = connection
        self.sql = sql
        self.values = values
    }

    override func next(from item: Int64) throws -> Int64? {
        while true {
            // A place further on in the batch is near; one past its end is looked up.
            while self.index < self.batch.count, self.batch[self.index] < item { self.index += 1 }
            if self.index < self.batch.count { return self.batch[self.index] }
            guard !self.isLast else { return nil }
            self.batch = try self.connection.query(self.sql, self.values + [.integer(item), StoreValue(SearchLimits.batch)])
                .map { try $0.integer(0) }
            self.index = 0
            self.isLast = self.batch.count < SearchLimits.batch
        }
    }
}

/// Items that all of some cursors have.
final class EveryCursor: ItemCursor {
    private let cursors: [ItemCursor]

    init(_ cursors: [ItemCursor]) { self.cursors = cursors }

    override func next(from item: Int64) throws -> Int64? {
        var wanted = item
        var agreed = 0
        var turn = 0
        while agreed < self.cursors.count {
            guard let found = try self.cursors[turn].next(from: wanted) else { return nil }
            agreed = found == wanted ? agreed + 1 : 1
            wanted = found
            turn = (turn + 1) % self.cursors.count
        }
        return wanted
    }
}

/// Items that any of some cursors has.
final class AnyCursor: ItemCursor {
    private let cursors: [ItemCursor]

    init(_ cursors: [ItemCursor]) { self.cursors = cursors }

    override func next(from item: Int64) throws -> Int64? {
        var first: Int64?
        for cursor in self.cursors {
            guard let found = try cursor.next(from: item) else { continue }
            if found == item { return found }
            first = min(first ?? found, found)
        }
        return first
    }
}

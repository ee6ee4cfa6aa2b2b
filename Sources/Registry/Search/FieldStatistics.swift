/// Numbers of a field, gathered one by one (GetStatistics).
struct FieldStatistics: Sendable, Hashable {
    private(set) var count = 0
    private(set) var sum = 0.0
    private(set) var sumOfSquares = 0.0
    private(set) var minimum = Double.infinity
    private(set) var maximum = -Double.infinity
    /// Welford's method: sums of squares lose all precision where values are large and close to each other.
    private var mean = 0.0
    private var squaredDistances = 0.0

    mutating func add(_ value: Double) {
        self.count += 1
        self.sum += value
        self.sumOfSquares += value * value
        self.minimum = min(self.minimum, value)
        self.maximum = max(self.maximum, value)
        let distance = value - self.mean
        self.mean += distance / Double(self.count)
        self.squaredDistances += distance * (value - self.mean)
    }

    var average: Double { self.count == 0 ? 0 : self.sum / Double(self.count) }
    /// Of the population.
    var variance: Double { self.count == 0 ? 0 : self.squaredDistances / Double(self.count) }

    /// The value below which a share of sorted values is, between two of them by their distance.
    ///
    /// - Parameter percent: 0...100.
    static func percentile(_ percent: Double, of sorted: [Double]) -> Double? {
        guard let last = sorted.last else { return nil }
        let place = percent / 100 * Double(sorted.count - 1)
        let index = Int(place)
        guard index + 1 < sorted.count else { return last }
        return sorted[index] + (sorted[index + 1] - sorted[index]) * (place - Double(index))
    }
}

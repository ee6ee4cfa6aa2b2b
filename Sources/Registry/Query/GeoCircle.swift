#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A field that holds places, and how its arrays are to be read (`GeoLocationTarget` of the model).
struct GeoLocation: Sendable, Hashable {
    enum Order: String, Sendable, Hashable {
        case latitudeFirst = "LatLon"
        case longitudeFirst = "LonLat"
    }

    var field: String
    var order: Order
}

/// Places within a distance of one, on a sphere.
struct GeoCircle: Sendable, Hashable {
    struct Place: Sendable, Hashable {
        /// Degrees, -90...90.
        var latitude: Double
        /// Degrees, -180...180.
        var longitude: Double

        init?(latitude: Double, longitude: Double) {
            guard (-90...90).contains(latitude), (-180...180).contains(longitude) else { return nil }
            self.latitude = latitude
            self.longitude = longitude
        }
    }

    /// The mean radius of the earth (IUGG).
    private static let earthMetres = 6_371_008.8

    let centre: Place
    let metres: Double
    let order: GeoLocation.Order

    func contains(_ document: IndexDocument, _ field: String) -> Bool {
        Self.places(document, field, self.order).contains { self.distance(to: $0) <= self.metres }
    }

    /// The haversine formula.
    private func distance(to place: Place) -> Double {
        let radians = Double.pi / 180
        let latitudes = (self.centre.latitude * radians, place.latitude * radians)
        let up = sin((latitudes.1 - latitudes.0) / 2)
        let across = sin((place.longitude - self.centre.longitude) * radians / 2)
        let chord = min(1, up * up + cos(latitudes.0) * cos(latitudes.1) * across * across)
        return 2 * Self.earthMetres * asin(chord.squareRoot())
    }

    /// The fields whose values may say where an item is.
    static func fields(of field: String) -> [String] {
        [field, "\(field).lat", "\(field).latitude", "\(field).coordinates"]
    }

    /// The places that a field says, in any of the forms that the guide lists.
    private static func places(_ document: IndexDocument, _ field: String, _ order: GeoLocation.Order) -> [Place] {
        let values = document.fields[field] ?? []
        var places = values.compactMap { value -> Place? in
            if case .text(let text) = value { Self.place(text) } else { nil }
        }
        places += [Self.pair(values, order), Self.pair(document.fields["\(field).coordinates"] ?? [], order)].compactMap(\.self)
        let latitude = Self.number(document, field, ["lat", "latitude"])
        let longitude = Self.number(document, field, ["lon", "long", "longitude"])
        if let latitude, let longitude, let place = Place(latitude: latitude, longitude: longitude) { places.append(place) }
        return places
    }

    private static func number(_ document: IndexDocument, _ field: String, _ names: [String]) -> Double? {
        names.lazy.compactMap { document.fields["\(field).\($0)"]?.first?.number }.first
    }

    private static func pair(_ values: [IndexValue], _ order: GeoLocation.Order) -> Place? {
        guard values.count == 2, case .number(let first) = values[0], case .number(let second) = values[1] else { return nil }
        return switch order {
        case .latitudeFirst: Place(latitude: first, longitude: second)
        case .longitudeFirst: Place(latitude: second, longitude: first)
        }
    }

    /// `POINT(longitude latitude)`, or `latitude,longitude`.
    private static func place(_ text: String) -> Place? {
        let upper = text.uppercased()
        if upper.hasPrefix("POINT"), let open = upper.firstIndex(of: "("), let close = upper.lastIndex(of: ")"), open < close {
            let numbers = upper[upper.index(after: open)..<close].split(separator: " ").map { Double($0) }
            guard numbers.count == 2, let longitude = numbers[0], let latitude = numbers[1] else { return nil }
            return Place(latitude: latitude, longitude: longitude)
        }
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Double($0.filter { $0 != " " }) }
        guard numbers.count == 2, let latitude = numbers[0], let longitude = numbers[1] else { return nil }
        return Place(latitude: latitude, longitude: longitude)
    }
}

extension GeoCircle {
    private static let units: [(name: String, metres: Double)] = [("km", 1_000), ("mi", 1_609.344), ("ft", 0.304_8), ("m", 1)]

    /// `LATITUDE,LONGITUDE,DISTANCE` with a unit (`15.5km`); nil when it is not that.
    init?(_ text: String, order: GeoLocation.Order) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 3, let latitude = Double(parts[0]), let longitude = Double(parts[1]),
            let centre = Place(latitude: latitude, longitude: longitude),
            let unit = Self.units.first(where: { parts[2].hasSuffix($0.name) }),
            let distance = Double(parts[2].dropLast(unit.name.count)), distance >= 0, distance.isFinite
        else { return nil }
        self.init(centre: centre, metres: distance * unit.metres, order: order)
    }
}

extension JSONValue {
    /// Reads one JSON text. The bytes are not kept.
    package init(parsing bytes: UnsafeRawBufferPointer, limits: JSONLimits = .default) throws(JSONParseError) {
        self = try JSONParser.parse(bytes, limits: limits).get()
    }

    package init(parsing bytes: [UInt8], limits: JSONLimits = .default) throws(JSONParseError) {
        self = try bytes.withUnsafeBytes { JSONParser.parse($0, limits: limits) }.get()
    }

    /// Bytes of any kind; those without contiguous storage are copied first, up to one past the limit.
    package init(parsing bytes: some Collection<UInt8>, limits: JSONLimits = .default) throws(JSONParseError) {
        let result = bytes.withContiguousStorageIfAvailable { JSONParser.parse(UnsafeRawBufferPointer($0), limits: limits) }
        if let result {
            self = try result.get()
        } else {
            let copy = [UInt8](bytes.prefix(limits.maxBytes &+ 1))
            self = try copy.withUnsafeBytes { JSONParser.parse($0, limits: limits) }.get()
        }
    }

    package init(parsing text: String, limits: JSONLimits = .default) throws(JSONParseError) {
        var text = text
        self = try text.withUTF8 { JSONParser.parse(UnsafeRawBufferPointer($0), limits: limits) }.get()
    }
}

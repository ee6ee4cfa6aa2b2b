import Testing

@testable import Rules

@Suite struct TextFunctionTests {
    static let texts = SQLCase.table(
        "5.6 texts",
        #"""
        upper('abc') => "ABC"
        upper('straße') => "STRASSE"
        upper(true) => "TRUE"
        UPPER(1.5) => "1.5"
        upper(NULL) => undefined
        lower('HELLO') => "hello"
        lower(['HELLO']) => "[\"hello\"]"
        lower(UNDEFINED) => undefined
        length('hi') => 2
        length(false) => 5
        length('') => 0
        length('Füße €') => 6
        length(12.50) => 5
        length([1,2]) => 5
        length(NULL) => undefined
        length(missing) => undefined
        numbytes('hi') => 2
        numbytes('€') => 3
        numbytes('ü') => 2
        numbytes(true) => 4
        numbytes(NULL) => undefined
        chr(65) => "A"
        chr(65.9) => "A"
        chr('97') => "a"
        chr(127) => "\#u{7F}"
        chr(128) => undefined
        chr(-1) => undefined
        chr(1E30) => undefined
        chr('x') => undefined
        chr(true) => undefined
        startswith('ranger', 'ran') => true
        startswith('ranger', 'no') => false
        startswith(123, 1) => true
        startswith('a', '') => true
        startswith('a', 'ab') => false
        startswith(NULL, 'a') => undefined
        startswith('a', UNDEFINED) => undefined
        endswith('cat', 'at') => true
        endswith('cat', 'ca') => false
        endswith('at', 'cat') => false
        endswith(true, 'ue') => true
        endswith('cat', NULL) => undefined
        indexof('abcd', 'bc') => 1
        indexof('abcd', 'x') => -1
        indexof('abcabc', 'c') => 2
        indexof('€uro', 'uro') => 1
        indexof('abc', '') => 0
        indexof('aabaabaaa', 'aabaaa') => 3
        indexof(123, 2) => undefined
        indexof('abc', 2) => undefined
        replace('abcd', 'bc', 'x') => "axd"
        replace('aaa', 'a', 'bb') => "bbbbbb"
        replace('abc', 'x', 'y') => "abc"
        replace('aaaa', 'aa', 'b') => "bb"
        replace('abc', '', '-') => "-a-b-c-"
        replace('a.b', '.', '') => "ab"
        replace(12321, 2, 9) => "19391"
        replace('abc', NULL, 'y') => undefined
        replace('abc', 'b') => undefined
        substring('012345', 0) => "012345"
        substring('012345', 2) => "2345"
        substring('012345', 2.745) => "2345"
        substring(123, 2) => "3"
        substring('012345', -1) => "012345"
        substring(true, 1.2) => "rue"
        substring(false, -2.411E247) => "false"
        substring('012345', 1, 3) => "12"
        substring('012345', -50, 50) => "012345"
        substring('012345', 3, 1) => ""
        substring('012345', 3, 3) => ""
        substring('012345', 9, 10) => ""
        substring('Füße', 1, 3) => "üß"
        substring('abc', 'x') => undefined
        substring('abc', '1') => "bc"
        substring(NULL, 1) => undefined
        substring('abc') => undefined
        ltrim('  hi ') => "hi "
        rtrim('  hi ') => "  hi"
        trim(' \#t hi\#t ') => "hi"
        Ltrim(' h i ') => "h i "
        trim('') => ""
        trim('   ') => ""
        trim(5) => "5"
        trim(NULL) => undefined
        lpad('hello', 2) => "  hello"
        lpad(1, 3) => "   1"
        lpad('a', 0) => "a"
        lpad('a', -5) => "a"
        lpad('a', 1.9) => " a"
        lpad('a', '2') => "  a"
        lpad(UNDEFINED, 2) => undefined
        lpad('a', true) => undefined
        length(lpad('a', 5000)) => 1001
        rpad('hello', 2) => "hello  "
        rpad(true, 1) => "true "
        length(rpad('', 1E30)) => 1000
        """#)

    static let collections = SQLCase.table(
        "5.6 concat, get, transform",
        #"""
        concat() => undefined
        concat(1) => 1
        concat('a') => "a"
        concat([1, 2, 3], 4) => [1,2,3,4]
        concat([1, 2, 3], 'hello') => [1,2,3,"hello"]
        concat('con', 'cat') => "concat"
        concat(1, 'hello') => "1hello"
        concat('he', 'is', 'man') => "heisman"
        concat([1, 2, 3], 'hello', [4, 5, 6]) => [1,2,3,"hello",4,5,6]
        concat(1, 2) => undefined
        concat(true, false) => undefined
        concat('a', true, 1.5) => "atrue1.5"
        concat('a', NULL) => undefined
        concat('a', UNDEFINED) => undefined
        concat([1], UNDEFINED, 2) => [1,2]
        concat([1], {'a': 1}) => [1,{"a":1}]
        concat('a', {'a': 1}) => "a{\"a\":1}"
        get(['a', 'b'], 1) => "b"
        get(['a', 'b'], '1') => "b"
        get(['a', 'b'], 1.9) => "b"
        get(['a', 'b'], 2) => undefined
        get(['a', 'b'], -1) => undefined
        get(['a', 'b'], 'x') => undefined
        get({'a': 1}, 'a') => 1
        get({'a': 1}, 'b') => undefined
        get({'1': 1}, 1) => undefined
        get({'key-with dash': 1}, 'key-with dash') => 1
        get('abc', 0) => "a"
        get('abc', 2) => "c"
        get('abc', 3) => undefined
        get('abc', -1) => undefined
        get(5, 0) => undefined
        get(NULL, 0) => undefined
        get(*, 'n') => 5
        get(get(*, 'obj'), 'a') => 1
        transform('enrichArray', {'a': 1}, [{'b': 2}, {'c': 3}]) => [{"b":2,"a":1},{"c":3,"a":1}]
        transform('enrichArray', {'a': 1}, [{'a': 2}]) => [{"a":2}]
        transform('enrichArray', {}, []) => []
        transform('other', {'a': 1}, []) => undefined
        transform('enrichArray', 1, []) => undefined
        transform('enrichArray', {}, {}) => undefined
        transform('enrichArray', {'a': 1}, [1]) => undefined
        transform('enrichArray', {'a': 1}) => undefined
        """#)

    static let nulls = SQLCase.table(
        "5.6 Null and Undefined",
        #"""
        isnull(NULL) => true
        isnull(nul) => true
        isnull(UNDEFINED) => false
        isnull(0) => false
        isnull('') => false
        isNull(missing) => false
        isnull() => undefined
        isundefined(UNDEFINED) => true
        isundefined(missing) => true
        isUndefined(NULL) => false
        isundefined(1) => false
        isundefined(obj.x.y) => true
        get_or_default(n, 1) => 5
        get_or_default(missing, 1) => 1
        get_or_default(nul, 'x') => "x"
        get_or_default(missing) => null
        get_or_default(1 / 0, 'inf') => "inf"
        get_or_default(missing, UNDEFINED) => undefined
        get_or_default(false, true) => false
        """#)

    static let encodings = SQLCase.table(
        "5.6 encodings and digests",
        #"""
        encode('hello', 'base64') => "aGVsbG8="
        encode(1, 'base64') => "MQ=="
        encode({'a': 1}, 'base64') => "eyJhIjoxfQ=="
        encode(NULL, 'base64') => undefined
        encode('a', 'hex') => undefined
        decode('aGVsbG8=', 'base64') => "hello"
        decode('aGVsbG8', 'base64') => "hello"
        decode('eyJhIjoxLjB9', 'base64') => {"a":1}
        decode('MTIz', 'base64') => 123
        decode('dHJ1ZQ==', 'base64') => true
        decode('!!!', 'base64') => null
        decode('/////w==', 'base64') => null
        decode('', 'base64') => ""
        decode('aGVsbG8=', 'hex') => undefined
        decode(NULL, 'base64') => undefined
        decode(encode(*, 'base64'), 'base64').n => 5
        md2('hello') => "a9046c73e00331af68917d3804f70655"
        md2('') => "8350e5a3e24c153df2275c9f80692773"
        md2('abc') => "da853b0d3f88d99b30283a69e6ded6bb"
        md5('hello') => "5d41402abc4b2a76b9719d911017c592"
        md5(1) => "c4ca4238a0b923820dcc509a6f75849b"
        sha1('hello') => "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"
        sha224('hello') => "ea09ae9cc6768c50fcee903ed054556e5bfc8347907f12598aa24193"
        sha224('') => "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f"
        sha224('abc') => "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"
        sha256('hello') => "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
        substring(sha384('hello'), 0, 16) => "59e1748777448c69"
        substring(sha512('hello'), 0, 16) => "9b71d224bd62f378"
        length(sha384('hello')) => 96
        length(sha512('hello')) => 128
        md5(NULL) => undefined
        sha256(UNDEFINED) => undefined
        """#)

    static let message = SQLCase.table(
        "5.6 message",
        #"""
        topic() => "dt/sensor-7/telemetry"
        topic(1) => "dt"
        topic(2) => "sensor-7"
        topic(3) => "telemetry"
        topic(4) => undefined
        topic(0) => undefined
        topic(-1) => undefined
        topic('2') => "sensor-7"
        topic(2.7) => "sensor-7"
        topic(true) => undefined
        topic(1, 2) => undefined
        clientid() => "client-1"
        clientId() => "client-1"
        accountid() => "123456789012"
        principal() => "abc123"
        sourceip() => "192.0.2.7"
        traceid() => "11111111-2222-3333-4444-555555555555"
        timestamp() => 1700000000000
        sql_version() => "2016-03-23"
        clientid(1) => undefined
        regexp_matches(newuuid(), '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$') => true
        newuuid() = newuuid() => false
        get_mqtt_property('content_type') => "application/json"
        get_mqtt_property('response_topic') => "reply/here"
        get_mqtt_property('correlation_data') => "Y29ycg=="
        get_mqtt_property('format_indicator') => "UTF8_DATA"
        get_mqtt_property('other') => undefined
        get_mqtt_property(1) => undefined
        get_user_properties() => [{"k":"1"},{"other":"x"},{"k":"2"}]
        get_user_properties('k') => ["1","2"]
        get_user_properties('none') => undefined
        get_user_properties(1) => undefined
        """#)

    @Test(arguments: texts + collections + nulls + encodings + message) func holds(_ line: SQLCase) throws { try line.check() }

    /// 5.6: what is not known of a message that came over HTTP.
    @Test func messagesWithoutMQTTHaveLessToTell() throws {
        let message = SQLMessage(topic: "a", payload: [], timestampMilliseconds: 0)
        let sql =
            "SELECT clientid() AS c, principal() AS p, traceid() AS t, sourceip() AS s, get_user_properties() AS u, "
            + "get_mqtt_property('format_indicator') AS f, get_mqtt_property('content_type') AS ct FROM 'a'"
        let result = try SQLStatement(parsing: sql, version: .v2016).evaluate(message)
        #expect(SQLFixture.text(result) == #"{"c":"n/a","u":[],"f":"UNSPECIFIED_BYTES"}"#)
    }

    /// 5.12: the prefix of Basic Ingest is no part of the topic.
    @Test func basicIngestPrefixIsRemoved() {
        #expect(SQLMessage(topic: "$aws/rules/R/a/b", payload: [], timestampMilliseconds: 0).topic == "a/b")
        #expect(SQLMessage(topic: "$aws/rules/R", payload: [], timestampMilliseconds: 0).topic == "$aws/rules/R")
        #expect(SQLMessage(topic: "$aws/rules/R/", payload: [], timestampMilliseconds: 0).topic == "")
        #expect(SQLMessage(topic: "$aws/things/T/shadow", payload: [], timestampMilliseconds: 0).topic == "$aws/things/T/shadow")
    }
}

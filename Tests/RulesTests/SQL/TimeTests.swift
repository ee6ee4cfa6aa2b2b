import Testing

@testable import Rules

@Suite struct TimeTests {
    /// Joda-Time's patterns.
    static let written = SQLCase.table(
        "5.6 parse_time",
        #"""
        parse_time('yyyy-MM-dd', 0) => "1970-01-01"
        parse_time("yyyy.MM.dd G 'at' HH:mm:ss z", 1456685313000) => "2016.02.28 AD at 18:48:33 UTC"
        parse_time("yyyy.MM.dd G 'at' HH:mm:ss z", 1456685313000, 'America/Belize') => "2016.02.28 AD at 12:48:33 CST"
        parse_time('yyyy-MM-dd HH:mm:ss.SSS', 1700000000123) => "2023-11-14 22:13:20.123"
        parse_time('HH:mm:ss Z', 1700000000000, 'Europe/Berlin') => "23:13:20 +0100"
        parse_time('HH:mm:ss ZZ', 1700000000000, 'Europe/Berlin') => "23:13:20 +01:00"
        parse_time('ZZZ', 1700000000000, 'Europe/Berlin') => "Europe/Berlin"
        parse_time('z', 1700000000000, 'Europe/Berlin') => "CET"
        parse_time('z', 1690000000000, 'Europe/Berlin') => "CEST"
        parse_time('z', 1690000000000, 'America/New_York') => "EDT"
        parse_time('z', 1690000000000, 'Asia/Tokyo') => "JST"
        parse_time('zzzz', 1690000000000, 'America/New_York') => "Eastern Daylight Time"
        parse_time('Z', 1700000000000) => "+0000"
        parse_time('HH:mm', 0, '+05:30') => "05:30"
        parse_time('HH:mm', 0, 'Asia/Kolkata') => "05:30"
        parse_time('HH:mm', 0, 'Nowhere/City') => undefined
        parse_time('HH:mm', 0, '../../etc/passwd') => undefined
        parse_time('EEE EEEE e', 1700000000000) => "Tue Tuesday 2"
        parse_time('MMM MMMM M MM', 1700000000000) => "Nov November 11 11"
        parse_time('d dd D DDD', 0) => "1 01 1 001"
        parse_time('yy yyyy y', 0) => "70 1970 1970"
        parse_time('h hh K a', 0) => "12 12 0 AM"
        parse_time('h K k H a', 46800000) => "1 1 13 13 PM"
        parse_time('k', 0) => "24"
        parse_time('S SS SSS SSSSSS', 123) => "1 12 123 123000"
        parse_time('x w', 1704067199000) => "2023 52"
        parse_time('C', 0) => "19"
        parse_time("''yyyy''", 0) => "'1970'"
        parse_time("'o''clock'", 0) => "o'clock"
        parse_time('yyyy', -62198755200000) => "-0001"
        parse_time('Y G', -62198755200000) => "2 BC"
        parse_time('yyyy', 1e30) => undefined
        parse_time('yyyy', 9223372036854775807) => undefined
        parse_time('yyyy', '0') => "1970"
        parse_time('yyyy', 'x') => undefined
        parse_time('b', 0) => undefined
        parse_time("'open", 0) => undefined
        parse_time('yyyy') => undefined
        parse_time(NULL, 0) => undefined
        parse_time('', 0) => ""
        parse_time('yyyyMMdd', timestamp()) => "20231114"
        """#)

    /// java.time's patterns.
    static let read = SQLCase.table(
        "5.6 time_to_epoch",
        #"""
        time_to_epoch('18 December 2015', 'dd MMMM yyyy') => 1450396800000
        time_to_epoch('2020-04-03 09:45:18 UTC+01:00', 'yyyy-MM-dd HH:mm:ss VV') => 1585903518000
        time_to_epoch('2007-12-03 10:15:30.592 America/Los_Angeles', 'yyyy-MM-dd HH:mm:ss.SSS z') => 1196705730592
        time_to_epoch('1970-01-01', 'yyyy-MM-dd') => 0
        time_to_epoch('19700102', 'yyyyMMdd') => 86400000
        time_to_epoch('20231114221320', 'yyyyMMddHHmmss') => 1700000000000
        time_to_epoch('20231114221320123', 'yyyyMMddHHmmssSSS') => 1700000000123
        time_to_epoch('2023-11-14T22:13:20Z', "yyyy-MM-dd'T'HH:mm:ssX") => 1700000000000
        time_to_epoch('2023-11-14T23:13:20+01', "yyyy-MM-dd'T'HH:mm:ssX") => 1700000000000
        time_to_epoch('2023-11-14T23:13:20+0100', "yyyy-MM-dd'T'HH:mm:ssXX") => 1700000000000
        time_to_epoch('2023-11-14T23:13:20+01:00', "yyyy-MM-dd'T'HH:mm:ssXXX") => 1700000000000
        time_to_epoch('2023-11-14T23:13:20+0100', "yyyy-MM-dd'T'HH:mm:ssZ") => 1700000000000
        time_to_epoch('2023-11-14 23:13:20 GMT+01:00', 'yyyy-MM-dd HH:mm:ss OOOO') => 1700000000000
        time_to_epoch('2023-11-14 23:13:20 GMT+1', 'yyyy-MM-dd HH:mm:ss O') => 1700000000000
        time_to_epoch('2023-11-14 23:13:20 CET', 'yyyy-MM-dd HH:mm:ss z') => 1700000000000
        time_to_epoch('2023-11-14 23:13:20 Europe/Berlin', 'yyyy-MM-dd HH:mm:ss VV') => 1700000000000
        time_to_epoch('14 Nov 2023', 'd MMM yyyy') => 1699920000000
        time_to_epoch('14 NOV 2023', 'd MMM yyyy') => undefined
        time_to_epoch('Tue, 14 Nov 2023', 'EEE, d MMM yyyy') => 1699920000000
        time_to_epoch('Mon, 14 Nov 2023', 'EEE, d MMM yyyy') => undefined
        time_to_epoch('Tuesday 14 Nov 2023', 'EEEE d MMM yyyy') => 1699920000000
        time_to_epoch('11/14/23 10:13 PM', 'MM/dd/yy hh:mm a') => 1699999980000
        time_to_epoch('11/14/23 12:00 AM', 'MM/dd/yy hh:mm a') => 1699920000000
        time_to_epoch('11/14/23 13:00 AM', 'MM/dd/yy hh:mm a') => undefined
        time_to_epoch('2023-318', 'yyyy-DDD') => 1699920000000
        time_to_epoch('2023-366', 'yyyy-DDD') => undefined
        time_to_epoch('2023-11-14 24:00', 'yyyy-MM-dd HH:mm') => 1700006400000
        time_to_epoch('2023-11-14 24:01', 'yyyy-MM-dd HH:mm') => undefined
        time_to_epoch('2023-11-14 25:00', 'yyyy-MM-dd HH:mm') => undefined
        time_to_epoch('2023-02-31', 'yyyy-MM-dd') => 1677542400000
        time_to_epoch('2023-02-32', 'yyyy-MM-dd') => undefined
        time_to_epoch('2023-13-01', 'yyyy-MM-dd') => undefined
        time_to_epoch('2023-1-1', 'yyyy-MM-dd') => undefined
        time_to_epoch('2023-1-1', 'yyyy-M-d') => 1672531200000
        time_to_epoch('2023-11-14 ', 'yyyy-MM-dd') => undefined
        time_to_epoch('2023-11-14 22:13:20', 'yyyy-MM-dd[ HH:mm:ss]') => 1700000000000
        time_to_epoch('2023-11-14', 'yyyy-MM-dd[ HH:mm:ss]') => 1699920000000
        time_to_epoch('0044-03-15 BC', 'yyyy-MM-dd G') => -63517824000000
        time_to_epoch('2023-03-26 02:30 Europe/Berlin', 'yyyy-MM-dd HH:mm VV') => 1679794200000
        time_to_epoch('2023-10-29 02:30 Europe/Berlin', 'yyyy-MM-dd HH:mm VV') => 1698539400000
        time_to_epoch('12345-01-01', 'yyyy-MM-dd') => undefined
        time_to_epoch('10:00', 'HH:mm') => undefined
        time_to_epoch('2023', 'yyyy') => undefined
        time_to_epoch('2023-W05', "YYYY-'W'ww") => undefined
        time_to_epoch('x', "'open") => undefined
        time_to_epoch('', '') => undefined
        time_to_epoch(20231114, 'yyyyMMdd') => undefined
        time_to_epoch(NULL, 'yyyy') => undefined
        time_to_epoch('1970-01-01') => undefined
        """#)

    @Test(arguments: written + read) func holds(_ line: SQLCase) throws { try line.check() }

    /// Each day of four centuries comes back, and week days follow each other.
    @Test func calendarIsItsOwnInverse() {
        var weekday = CivilTime(year: 1799, month: 12, day: 31).dayOfWeek
        let first = CivilTime(year: 1800, month: 1, day: 1).days
        for day in first..<(first + 146_097) {
            let time = CivilTime(milliseconds: Int64(day) * 86_400_000)
            #expect(time.days == day)
            weekday = weekday % 7 + 1
            #expect(time.dayOfWeek == weekday)
        }
    }
}

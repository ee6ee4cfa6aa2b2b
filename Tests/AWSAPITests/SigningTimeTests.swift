import Testing

@testable import AWSAPI

@Suite struct SigningTimeTests {
    @Test(
        arguments: [
            (0, "19700101T000000Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
            (1_440_938_160, "20150830T123600Z", "Sun, 30 Aug 2015 12:36:00 GMT"),
            (951_782_400, "20000229T000000Z", "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_709_251_199, "20240229T235959Z", "Thu, 29 Feb 2024 23:59:59 GMT"),
            (4_107_542_400, "21000301T000000Z", "Mon, 01 Mar 2100 00:00:00 GMT"),
            (-1, "19691231T235959Z", "Wed, 31 Dec 1969 23:59:59 GMT"),
        ] as [(Int64, String, String)])
    func timesAreWrittenAndRead(_ seconds: Int64, _ stamp: String, _ httpDate: String) {
        let time = SigningTime(seconds: seconds)
        #expect(time.stamp == stamp)
        #expect(time.httpDate == httpDate)
        #expect(SigningTime(stamp: stamp) == time)
    }

    @Test(arguments: [
        "", "20150830T123600", "20150830 123600Z", "20151330T123600Z", "20150230T123600Z", "20150830T243600Z", "2015083oT123600Z",
        "20150830T126000Z", "+2015083T123600Z", "20150830T123600Zx", "20150800T000000Z",
    ])
    func whatIsNoTimeIsNone(_ stamp: String) {
        #expect(SigningTime(stamp: stamp) == nil)
    }

    @Test func everyDayOfFourCenturiesGoesThereAndBack() {
        for day in stride(from: Int64(-146_097), through: 146_097, by: 11) {
            let time = SigningTime(seconds: day * 86_400 + 3661)
            #expect(SigningTime(stamp: time.stamp) == time)
        }
    }
}

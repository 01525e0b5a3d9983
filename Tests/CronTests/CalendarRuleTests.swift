import FluxJSON
import Glibc
import Testing

import Cron

@Suite("dates of cron")
struct CalendarRuleTests {
    /// Seconds of a local time.
    private func seconds(_ text: String) -> Double {
        let numbers = text.split(whereSeparator: { "- :".contains($0) }).compactMap { Int32($0) }
        var moment = tm()
        (moment.tm_year, moment.tm_mon, moment.tm_mday) = (numbers[0] - 1900, numbers[1] - 1, numbers[2])
        (moment.tm_hour, moment.tm_min, moment.tm_sec) = (numbers[3], numbers[4], numbers[5])
        moment.tm_isdst = -1
        return Double(mktime(&moment))
    }

    @Test(
        "the next moment is later than now and named by the rule",
        arguments: [
            (["second": "0", "minute": "0", "hour": "0"], "2016-05-27 03:45:22", "2016-05-28 00:00:00"),
            (["second": "0", "minute": "0", "hour": "0"], "2016-12-31 03:45:22", "2017-01-01 00:00:00"),
            (["second": "5", "minute": "5,15,25,35,45,55"], "2016-10-10 03:05:05", "2016-10-10 03:15:05"),
            (["second": "0", "minute": "*/20"], "2016-10-10 03:41:00", "2016-10-10 04:00:00"),
            (["second": "0", "minute": "0", "hour": "8", "weekday": "mon"], "2016-06-06 08:00:00", "2016-06-13 08:00:00"),
            (["second": "0", "minute": "0", "hour": "8", "month": "Feb", "mday": "29"], "2027-03-01 00:00:00", "2028-02-29 08:00:00"),
            ([:], "2016-10-10 03:41:00", "2016-10-10 03:41:01"),
        ] as [([String: String], String, String)])
    func next(rule: [String: String], now: String, expected: String) throws {
        var object = JSON.Object()
        for (unit, text) in rule { object[unit] = .string(text) }
        let found = try #require(try CalendarRule(json: .object(object)).next(after: seconds(now)))
        #expect(found == seconds(expected))
    }

    @Test("a rule for a year that is over is never due")
    func over() throws {
        #expect(try CalendarRule(json: ["year": 100]).next(after: seconds("2016-10-10 03:41:00")) == nil)
        #expect(try CalendarRule(json: ["mday": 31, "month": "1"]).next(after: seconds("2016-10-10 03:41:00")) == nil)
    }

    @Test("values that no date has are refused", arguments: [
        "60", "-1", "x", "5-1", "1-", "*/0", "1/2/3", "", ",", "99999999999999999999", "1-2-3",
    ])
    func refused(text: String) {
        #expect(throws: CalendarRule.Refusal.self) { try CalendarRule(json: ["minute": .string(text)]) }
    }

    @Test("rules are written as lists of values")
    func written() throws {
        let rule = try CalendarRule(json: ["minute": "*/15", "weekday": "mon-fri", "month": 0])
        #expect(rule.json["minute"] == "0,15,30,45")
        #expect(rule.json["weekday"] == "1-5")
        #expect(rule.json["month"] == "0")
        #expect(rule.json["second"] == "0-60")
    }
}

package import FluxJSON

/// What makes an entry due, with what it has seen of it so far.
///
/// Source: job-protocol 8 (observed: flux-core 0.88).
package enum CronSchedule: Hashable, Sendable {
    /// `args` of `cron.create` that cannot be a schedule of this type.
    package enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        case unknownType(String)
        case payload(PayloadError)
        case calendar(CalendarRule.Refusal)
        case negative(String)

        package var description: String {
            switch self {
            case .unknownType(let type): "unknown type '\(type)': interval, event and datetime are known"
            case .payload(let error): "args: \(error)"
            case .calendar(let refusal): "args: \(refusal)"
            case .negative(let name): "args: \(name) must not be negative or infinite"
            }
        }
    }

    /// Every so many seconds, first after `after`; an interval of 0 is due once.
    package struct Interval: Hashable, Sendable {
        package var seconds: Double
        package var after: Double
    }

    /// On events of a topic.
    package struct Event: Hashable, Sendable {
        package var topic: String
        /// Due on every nth event; 0 and 1 for each.
        package var nth: Int64 = 0
        /// Due for the first time when so many have been seen.
        package var after: Int64 = 0
        /// Seconds between two runs at the least.
        package var minimumInterval = 0.0
        /// Events seen since the entry was started.
        package var counter: Int64 = 0
        /// Whether a run waits for the interval to pass.
        package var isPaused = false

        /// Counts an event; whether it makes the entry due.
        package mutating func count() -> Bool {
            counter += 1
            guard !isPaused, counter >= after else { return false }
            return nth == 0 || (counter - after) % nth == 0
        }
    }

    case interval(Interval)
    case event(Event)
    case datetime(CalendarRule)

    package init(type: String, arguments: JSON) throws(Refusal) {
        switch type {
        case "interval": self = .interval(try Self.parsed(arguments, Self.interval))
        case "event": self = .event(try Self.parsed(arguments, Self.event))
        case "datetime":
            do throws(CalendarRule.Refusal) {
                self = .datetime(try CalendarRule(json: arguments))
            } catch {
                throw .calendar(error)
            }
        default: throw .unknownType(type)
        }
    }

    package var type: String {
        switch self {
        case .interval: "interval"
        case .event: "event"
        case .datetime: "datetime"
        }
    }

    /// - Parameter wakeup: when the timer of the entry is due; nil without one.
    package func json(wakeup: Double?) -> JSON {
        switch self {
        case .interval(let interval):
            return [
                "interval": .real(interval.seconds), "after": .real(interval.after), "next_wakeup": .real(wakeup ?? 0),
            ]
        case .event(let event):
            return [
                "topic": .string(event.topic), "nth": .int(event.nth), "after": .int(event.after),
                "counter": .int(event.counter), "min_interval": .real(event.minimumInterval),
            ]
        case .datetime(let rule):
            var object = rule.json
            object["next_wakeup"] = .real(wakeup ?? Self.never)
            return .object(object)
        }
    }

    /// The wakeup of a rule that is never due again.
    package static let never = 1e19

    private static func parsed<Value>(
        _ arguments: JSON, _ read: (JSON.Object) throws(PayloadError) -> Value
    ) throws(Refusal) -> Value where Value: CheckedSchedule {
        let value: Value
        do throws(PayloadError) {
            value = try read(try arguments.requireObject())
        } catch {
            throw .payload(error)
        }
        for (name, number) in value.durations where !(number >= 0 && number.isFinite) { throw .negative(name) }
        return value
    }

    private static func interval(_ object: JSON.Object) throws(PayloadError) -> Interval {
        let seconds = try object.number("interval")
        let after = try object.optionalNumber("after") ?? seconds
        return Interval(seconds: seconds, after: after < 0 ? seconds : after)
    }

    private static func event(_ object: JSON.Object) throws(PayloadError) -> Event {
        var event = Event(topic: try object.string("topic"))
        event.nth = try object.optionalInt("nth") ?? 0
        event.after = try object.optionalInt("after") ?? 0
        event.minimumInterval = try object.optionalNumber("min_interval") ?? 0
        return event
    }
}

/// A schedule whose numbers have to be checked.
private protocol CheckedSchedule {
    var durations: [(String, Double)] { get }
}

extension CronSchedule.Interval: CheckedSchedule {
    fileprivate var durations: [(String, Double)] { [("interval", seconds), ("after", after)] }
}

extension CronSchedule.Event: CheckedSchedule {
    fileprivate var durations: [(String, Double)] {
        [("nth", Double(nth)), ("after", Double(after)), ("min_interval", minimumInterval)]
    }
}

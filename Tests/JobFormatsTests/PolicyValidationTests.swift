import FluxJSON
import RFC33Queue
import Testing

@Suite("RFC 33: checking the configuration")
struct PolicyValidationTests {
    static func refusal(_ text: String) throws -> String? {
        let configuration = try JSON(parsing: text)
        do throws(QueueConfiguration.Failure) {
            try QueueConfiguration.validate(configuration)
            return nil
        } catch {
            return error.description
        }
    }

    @Test(
        "tables that are right",
        arguments: [
            "{}",
            #"{"policy":{"jobspec":{"defaults":{"system":{"duration":"1h","queue":"a"}}},"access":{"allow-user":["u"]}},"queues":{"a":{}}}"#,
            #"{"policy":{"limits":{"duration":"1h","job-size":{"max":{"nnodes":-1,"ncores":4},"min":{"ngpus":0}}}}}"#,
            #"{"queues":{"a":{"requires":["big"],"policy":{"scheduler":{}}},"b":{"parent":"a"}}}"#,
        ])
    func right(text: String) throws {
        #expect(try Self.refusal(text) == nil)
    }

    @Test(
        "mistakes are named with their table",
        arguments: [
            (#"{"policy":{"foo":1}}"#, "error parsing [policy] config table: 1 object item(s) left unpacked: foo"),
            (#"{"policy":{"jobspec":{"defaults":{"system":{"foo":1}}}}}"#,
             "error parsing [policy.jobspec] config table: 1 object item(s) left unpacked: foo"),
            (#"{"policy":{"jobspec":{"defaults":{"system":{"duration":1}}}}}"#,
             "error parsing [policy.jobspec] config table: 'defaults.system.duration' is not a valid FSD"),
            (#"{"policy":{"limits":{"job-size":{"max":{"nnodes":-2}}}}}"#,
             "error parsing [policy.limits.max] config table: values must be >= -1"),
            (#"{"policy":{"limits":{"duration":"x"}}}"#,
             "error parsing [policy.limits] config table: 'duration' is not a valid FSD"),
            (#"{"policy":{"access":{"allow-group":"g"}}}"#,
             "error parsing [policy.access] config table: 'allow-group' must be a string array"),
            (#"{"queues":1}"#, "error parsing [queues] config table: Expected object, got integer"),
            (#"{"queues":{"a":{"requires":["b|c"]}}}"#,
             "error parsing [queues.a] config table: 'requires' must be an array of property strings (RFC 20)"),
            (#"{"queues":{"a":{"policy":{"jobspec":{"defaults":{"system":{"queue":"a"}}}}}}}"#,
             "error parsing [queues.a] config table: 'policy' must not define a default queue!"),
            (#"{"queues":{"a":{"parent":"a"}}}"#, "error parsing [queues.a] config table: parent queue is itself"),
            (#"{"policy":{"jobspec":{"defaults":{"system":{"queue":"x"}}}}}"#,
             "the [policy] config table defines a default queue x that is not in [queues] table"),
        ])
    func wrong(text: String, expected: String) throws {
        #expect(try Self.refusal(text) == expected)
    }
}

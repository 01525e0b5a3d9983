import FluxJSON
import RFC21JobStates
import RFC43JobList
import Testing

@Suite("RFC 43: constraints on jobs")
struct JobListTests {
    private static let record: JobRecord = {
        var record = JobRecord(id: 7)
        record.jobspec = [
            "version": 1,
            "resources": [["type": "slot", "count": 2, "label": "task", "with": [["type": "core", "count": 1]]]],
            "tasks": [["command": ["/bin/sleep", "1"], "slot": "task", "count": ["per_slot": 1]]],
            "attributes": ["system": ["duration": 60, "queue": "short"]],
        ]
        record.apply(name: "submit", context: ["userid": 5, "urgency": 16, "flags": 0, "version": 1], at: 10)
        record.apply(name: "validate", context: nil, at: 11)
        record.apply(name: "depend", context: nil, at: 12)
        record.apply(name: "priority", context: ["priority": 16], at: 13)
        let r: JSON = [
            "version": 1,
            "execution": [
                "R_lite": [["rank": "3-4", "children": ["core": "0"]]], "starttime": 0, "expiration": 0,
                "nodelist": ["n[3-4]"],
            ],
        ]
        record.apply(name: "alloc", context: nil, at: 14, resources: r)
        return record
    }()

    @Test(
        "matches",
        arguments: [
            (#"{}"#, true), (#"{"and":[]}"#, true), (#"{"or":[]}"#, true), (#"{"not":[]}"#, false),
            (#"{"userid":[5]}"#, true), (#"{"userid":[-1]}"#, true), (#"{"userid":[6]}"#, false),
            (#"{"name":["sleep"]}"#, true), (#"{"queue":["batch"]}"#, true), (#"{"queue":["long"]}"#, false),
            (#"{"states":["running"]}"#, true), (#"{"states":[14]}"#, false), (#"{"results":["failed"]}"#, false),
            (#"{"hostlist":["n[1-3]"]}"#, true), (#"{"hostlist":["n1"]}"#, false), (#"{"ranks":["0-3"]}"#, true),
            (#"{"t_submit":[">=10"]}"#, true), (#"{"t_submit":[">10"]}"#, false), (#"{"t_inactive":[">=0"]}"#, false),
            (#"{"not":[{"name":["x"]},{"name":["sleep"]}]}"#, true),
            (#"{"and":[{"userid":[5]},{"or":[{"name":["x"]},{"ranks":["4"]}]}]}"#, true),
        ])
    func matches(_ text: String, _ expected: Bool) throws {
        let constraint = try JobConstraint(json: try JSON(parsing: text))
        var meter = ComparisonMeter(limit: 0)
        let environment = JobConstraint.Environment(parentQueues: ["short": "batch"])
        #expect(try constraint.matches(Self.record, &meter, in: environment) == expected)
        #expect(constraint.mayMatch(.running) || !expected)
    }

    @Test(
        "refusals name the value",
        arguments: [
            (#"[]"#, "constraint must be JSON object"), (#"{"a":[],"b":[]}"#, "constraint must only contain 1 element"),
            (#"{"foo":[]}"#, "unknown constraint operator: foo"), (#"{"foo":1}"#, "operator foo values not an array"),
            (#"{"userid":["x"]}"#, "userid value must be an integer"),
            (#"{"states":["bogus"]}"#, "invalid states value 'bogus' specified"),
            (#"{"states":[4096]}"#, "invalid states value '1000h' specified"),
            (#"{"ranks":["x-y"]}"#, "ranks value 'x-y': error parsing range 'x-y'"),
            (#"{"t_run":["5"]}"#, "timestamp comparison operator not specified"),
            (#"{"t_run":[">-5"]}"#, "timestamp value must be >= 0.0"),
        ])
    func refused(_ text: String, _ reason: String) throws {
        let json = try JSON(parsing: text)
        let error = #expect(throws: JobListError.self) { try JobConstraint(json: json) }
        #expect(error?.description == reason && error?.errno == 71)
    }

    @Test("a question that compares too much ends")
    func limit() throws {
        let constraint = try JobConstraint(json: ["name": ["a", "b", "c"]])
        var meter = ComparisonMeter(limit: 2)
        #expect(throws: JobListError.self) { try constraint.matches(Self.record, &meter) }
    }

    @Test("lists that cannot hold an answer are left out")
    func states() throws {
        let inactive = try JobConstraint(json: ["states": ["inactive"]])
        #expect(inactive.mayMatch(.inactive) && !inactive.mayMatch(.pending))
        let others = try JobConstraint(json: ["not": [["states": ["inactive"]]]])
        #expect(!others.mayMatch(.inactive) && others.mayMatch(.pending))
        #expect(try !JobConstraint(json: ["results": ["failed"]]).mayMatch(.running))
    }

    @Test(
        "slices are Python's",
        arguments: [
            ("[:1]", [0]), ("[:]", [0, 1, 2, 3, 4]), ("[-2:]", [3, 4]), ("[::2]", [0, 2, 4]),
            ("[::-1]", [4, 3, 2, 1, 0]),
            ("[3:1:-1]", [3, 2]), ("[10:0:-3]", [4, 1]), ("[-10:3]", [0, 1, 2]), ("[1:100]", [1, 2, 3, 4]),
            ("[4:2]", []),
        ])
    func slices(_ text: String, _ expected: [Int]) throws {
        #expect(try #require(Slice(parsing: text)).indices(count: 5) == expected)
    }

    @Test("no slices", arguments: ["", "[]", "[1]", "1:2", "[::0]", "[a:]", "[1:2:3:4]"])
    func noSlice(_ text: String) { #expect(Slice(parsing: text) == nil) }

    @Test("attributes that are not known are left out")
    func attributes() {
        let json = Self.record.json([.state, .name, .ntasks, .ranks, .result, .nodelist])
        #expect(json == ["id": 7, "state": 16, "name": "sleep", "ntasks": 2, "ranks": "[3-4]", "nodelist": "n[3-4]"])
    }

    @Test("of several fatal exceptions the first is the reason")
    func firstException() {
        var record = Self.record
        record.apply(name: "exception", context: ["type": "note", "severity": 3, "note": "mild"], at: 15)
        record.apply(name: "exception", context: ["type": "first", "severity": 0, "note": "one"], at: 16)
        record.apply(name: "exception", context: ["type": "second", "severity": 0, "note": "two"], at: 17)
        record.apply(name: "clean", context: nil, at: 18)
        #expect(record.value(of: .exceptionType) == "first")
        #expect(record.value(of: .exceptionNote) == "one")
    }
}

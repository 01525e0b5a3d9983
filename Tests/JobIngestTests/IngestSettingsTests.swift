import FluxJSON
import RFC14Jobspec
import Service
import Testing

@testable import JobIngest

@Suite("Settings of job-ingest")
struct IngestSettingsTests {
    static func settings(_ ingest: JSON = [:], _ arguments: [String] = []) throws -> IngestSettings {
        try IngestSettings(configuration: ["ingest": ingest], arguments: arguments)
    }

    @Test("arguments count more than the configuration")
    func precedence() throws {
        let ingest: JSON = ["batch-count": 2, "validator": ["plugins": ["feasibility", "jobspec"], "args": ["--require-version=any"]]]
        let configured = try Self.settings(ingest)
        #expect(configured.checksFeasibility && configured.validatesJobspecs && configured.batchLimit == 2)
        #expect(
            configured.description
                == "configuring validator with plugins=feasibility,jobspec, args=--require-version=any (enabled)")
        let argued = try Self.settings(
            ingest, ["batch-count=4", "validator-plugins=jobspec", "max-fluid-generator-id=2", "allow-root-jobs"])
        #expect(argued.batchLimit == 4 && !argued.checksFeasibility && argued.maximumGenerator == 2)
        #expect(try !Self.settings([:], ["disable-validator"]).validatesJobspecs)
    }

    @Test(
        "wrong values are refused",
        arguments: [
            #"{"buffer-size":"10f"}"#, #"{"batch-count":"many"}"#, #"{"validator":{"foo":42}}"#,
            #"{"validator":{"plugins":[42]}}"#, #"{"validator":{"args":"--x"}}"#, #"{"frobnicator":1}"#,
        ])
    func wrongTables(text: String) throws {
        let ingest = try JSON(parsing: text)
        #expect(throws: ServiceError.self) { try Self.settings(ingest) }
    }

    @Test("version and instances are asked for by arguments of the validator")
    func validator() throws {
        #expect(try Self.settings([:]).requiredVersion == 1)
        #expect(try Self.settings([:], ["validator-args=--require-version=any"]).requiredVersion == nil)
        let ingest: JSON = ["validator": ["plugins": ["require-instance"], "require-instance": ["minnodes": 4]]]
        #expect(try Self.settings(ingest).instanceRequirement == InstanceRequirement(nodes: 4, cores: 64))
        #expect(throws: ServiceError.self) { try Self.settings([:], ["validator-plugins=mine"]) }
        #expect(throws: ServiceError.self) { try Self.settings([:], ["validator-args=--require-version=2"]) }
    }

    @Test("large jobs have to be instances")
    func instances() throws {
        func jobspec(nodes: Int64, _ command: JSON, system: JSON = ["duration": 0]) -> JSON {
            let slot: JSON = ["type": "slot", "count": 1, "label": "task", "with": [["type": "core", "count": 2]]]
            return [
                "version": 1, "resources": [["type": "node", "count": .int(nodes), "with": [slot]]],
                "tasks": [["command": command, "slot": "task", "count": ["per_slot": 1]]],
                "attributes": ["system": system],
            ]
        }
        let rule = InstanceRequirement(nodes: 2, cores: 0)
        try rule.check(jobspec(nodes: 1, ["hostname"]))
        try rule.check(jobspec(nodes: 2, ["/usr/bin/flux", "start", "x"]))
        try rule.check(jobspec(nodes: 2, ["x"], system: ["duration": 0, "batch": [:]]))
        #expect(throws: JobspecError.self) { try rule.check(jobspec(nodes: 2, ["flux", "getattr", "rank"])) }
        #expect(throws: JobspecError.self) {
            try InstanceRequirement(nodes: 0, cores: 0).check(jobspec(nodes: 1, ["hostname"]))
        }
    }

    @Test("wrong arguments are refused", arguments: ["badopt=xyz", "batch-count=-1", "max-fluid-generator-id=16384", "x"])
    func wrongArguments(argument: String) {
        #expect(throws: ServiceError.self) { try Self.settings([:], [argument]) }
    }
}

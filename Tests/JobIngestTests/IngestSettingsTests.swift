import FluxJSON
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
        let ingest: JSON = ["batch-count": 2, "validator": ["plugins": ["feasibility", "jobspec"], "args": ["--x"]]]
        let configured = try Self.settings(ingest)
        #expect(configured.checksFeasibility && configured.validatesJobspecs && configured.batchLimit == 2)
        #expect(
            configured.description
                == "configuring validator with plugins=feasibility,jobspec, args=--x (enabled)")
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

    @Test("wrong arguments are refused", arguments: ["badopt=xyz", "batch-count=-1", "max-fluid-generator-id=16384", "x"])
    func wrongArguments(argument: String) {
        #expect(throws: ServiceError.self) { try Self.settings([:], [argument]) }
    }
}

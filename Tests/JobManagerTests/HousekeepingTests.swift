import FluxJSON
import RFC19FLUID
import RFC20R
import RFC22Idset
import Service
import Testing

@testable import JobManager

@Suite("Housekeeping")
struct HousekeepingTests {
    static func housekeeping(releaseAfter: String?) throws -> Housekeeping {
        var table: JSON.Object = ["command": ["clean", "-x"]]
        table["release-after"] = releaseAfter.map { .string($0) }
        var housekeeping = Housekeeping()
        housekeeping.rule = try Housekeeping.rule(configuration: ["job-manager": ["housekeeping": .object(table)]])
        let resources = try ResourceSet(json: [
            "version": 1,
            "execution": [
                "R_lite": [["rank": "0-2", "children": ["core": "0"]]], "starttime": 0.0, "expiration": 0.0,
                "nodelist": ["a[0-2]"],
            ],
        ])
        let ranks = housekeeping.begin(JobID(7), .init(
            userID: 1, priority: 16, submitTime: 1, startTime: 2, remaining: resources, pending: resources.ranks))
        #expect(ranks == [0, 1, 2])
        return housekeeping
    }

    static func ranks(_ release: Housekeeping.Release?) throws -> Idset? {
        try release.map { try ResourceSet(json: $0.resources).ranks }
    }

    static func finish(_ housekeeping: inout Housekeeping, _ rank: UInt32) throws -> Housekeeping.Step {
        let step = housekeeping.finished(JobID(7), rank: rank)
        return try #require(step)
    }

    @Test("without release-after all nodes go together")
    func together() throws {
        var housekeeping = try Self.housekeeping(releaseAfter: nil)
        var step = try Self.finish(&housekeeping, 1)
        #expect(step == .init())
        _ = housekeeping.finished(JobID(7), rank: 0)
        step = try Self.finish(&housekeeping, 2)
        #expect(try Self.ranks(step.release) == [0, 1, 2])
        #expect(step.release?.isFinal == true)
        #expect(step.isDone)
        let again = housekeeping.finished(JobID(7), rank: 2)
        #expect(again == nil)
    }

    @Test("with 0 each node goes at once, with a time the others wait for it")
    func partly() throws {
        var housekeeping = try Self.housekeeping(releaseAfter: "0")
        var step = try Self.finish(&housekeeping, 1)
        #expect(try Self.ranks(step.release) == [1])
        #expect(step.release?.isFinal == false)
        #expect(housekeeping.json(shown: { $0.f58 })["running"]?["ƒ8"]?["pending"] == "0,2")

        housekeeping = try Self.housekeeping(releaseAfter: "10s")
        step = try Self.finish(&housekeeping, 1)
        #expect(step.timer == 10)
        #expect(step.release == nil)
        let release = housekeeping.timeIsUp(JobID(7))
        #expect(try Self.ranks(release) == [1])
        step = try Self.finish(&housekeeping, 0)
        #expect(try Self.ranks(step.release) == [0])
        let dropped = housekeeping.dropPartial()
        #expect(dropped.map(\.id) == [JobID(7)])
    }

    @Test("mistakes in the configuration are named")
    func configuration() {
        #expect(throws: ServiceError(errnum: 22, text: "job-manager.housekeeping.release-after FSD parse error")) {
            _ = try Housekeeping.rule(configuration: ["job-manager": ["housekeeping": ["release-after": "x"]]])
        }
        #expect(throws: ServiceError(
            errnum: 22, text: "job-manager.housekeeping implies IMP but exec.imp is undefined"))
        {
            _ = try Housekeeping.rule(configuration: ["job-manager": ["housekeeping": [:]]])
        }
    }
}

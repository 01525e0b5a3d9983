@testable import Broker
import Glibc
import Testing

@Suite("What rc1 and rc3 do")
struct RCPlanTests {
    private let archive = StoredArchive(restoring: "/a/b.tar", statedir: nil)

    @Test("the leader checks its store between content and KVS, and notes the start")
    func leader() {
        let steps = RC1Plan(rank: 0, backing: "content-sqlite").steps
        #expect(steps.prefix(5) == [
            .load("content"), .load("content-sqlite"), .checkStore, .load("kvs"), .noteStart,
        ])
    }

    @Test("a store that is filled from an archive is emptied first and not checked")
    func restoring() {
        let steps = RC1Plan(rank: 0, backing: "content-files", archive: archive).steps
        #expect(steps[1] == .load("content-files", arguments: ["truncate"]))
        #expect(steps[2] == archive.map { .restore($0) })
        #expect(!steps.contains(.checkStore))
    }

    @Test("nobody's state is touched on other brokers, without a store, and nothing is mended in recovery")
    func others() {
        for plan in [RC1Plan(rank: 1, backing: "content-sqlite"), RC1Plan(rank: 0, backing: "none")] {
            #expect(plan.steps.dropLast().allSatisfy { if case .load = $0 { true } else { false } })
            #expect(plan.steps.last == .runExtraPrograms)
        }
        let recovery = RC1Plan(rank: 0, backing: "content-sqlite", isRecovering: true).steps
        #expect(!recovery.contains(.checkStore) && recovery.contains(.noteStart))
    }

    @Test("crontabs are loaded when everything is there")
    func crontabs() {
        let plan = RC1Plan(rank: 0, backing: "none", crontabs: "/etc/cron.d")
        #expect(plan.steps.suffix(2) == [.loadCrontabs(folder: "/etc/cron.d"), .runExtraPrograms])
        #expect(!RC1Plan(rank: 1, backing: "none", crontabs: "/x").steps.contains(.loadCrontabs(folder: "/x")))
    }

    @Test("the built-in scheduler can be left out")
    func scheduler() {
        let steps = RC1Plan(rank: 0, backing: "none", hasScheduler: false).steps
        #expect(!steps.contains(.load("sched-simple")) && steps.contains(.load("job-manager")))
    }

    @Test("rc3 removes in the opposite order and saves between the KVS and the store")
    func ending() {
        let modules = ["content", "content-sqlite", "kvs", "job-manager"]
        #expect(RC3Plan(rank: 0, modules: modules, backing: "content-sqlite").steps == [
            .runExtraPrograms, .noteFinish, .remove("job-manager"), .remove("kvs"), .saveContent, .remove("content-sqlite"),
            .remove("content"),
        ])
        #expect(RC3Plan(rank: 1, modules: ["content", "kvs"], backing: "content-sqlite").steps == [
            .runExtraPrograms, .remove("kvs"), .remove("content"),
        ])
        #expect(RC3Plan(rank: 0, modules: ["content"], backing: nil).steps == [.runExtraPrograms, .remove("content")])
    }

    @Test("the link RESTORE leads to the newest dump, and is followed once")
    func link() throws {
        var template = Array("/tmp/fluxtest-XXXXXX".utf8CString)
        let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
        #expect(StoredArchive(restoring: "auto", statedir: folder) == nil)
        for time in [0.0, 86_400] {
            let dump = StoredArchive(dumping: "auto", statedir: folder, at: time)
            #expect(dump.makeFolder() == 0)
            #expect(dump.path.hasPrefix("\(folder)/dump/19700"))
            #expect(dump.path.hasSuffix(".tgz"))
            #expect(dump.makeLink() == 0)
            #expect(StoredArchive(restoring: "auto", statedir: folder)?.path == dump.path)
        }
        StoredArchive(restoring: "auto", statedir: folder)?.removeLink()
        #expect(StoredArchive(restoring: "auto", statedir: folder) == nil)
        rmdir("\(folder)/dump")
        rmdir(folder)
        let named = StoredArchive(dumping: "x.tgz", statedir: folder, at: 0)
        #expect(named.path == "x.tgz" && named.link == nil && named.makeLink() == 0)
    }
}

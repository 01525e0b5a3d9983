import Broker
import Client
import Content
import FluxJSON
import Glibc
import KVS
import KVSClient
import RFC03Message
import Reactor
import Service
import Testing

/// `FLUX_TEST_SEEDS=10000` runs that many; `FLUX_TEST_SEED=123` only this one.
private let seeds: ClosedRange<UInt64> = {
    func number(_ name: String) -> UInt64? { getenv(name).flatMap { UInt64(String(cString: $0)) } }
    if let one = number("FLUX_TEST_SEED") { return one...one }
    return 1...max(1, number("FLUX_TEST_SEEDS") ?? 100)
}()

@Suite("The key value store on virtual time")
struct StorageSimulationTests {
    @Test("cut at any point, it loses nothing that was acknowledged")
    func crashes() throws {
        for seed in seeds {
            let problems = try StorageStory(seed: seed).tell()
            #expect(problems.isEmpty, "FLUX_TEST_SEED=\(seed): \(problems.joined(separator: "; "))")
            if !problems.isEmpty { return }
        }
    }

    @Test("the same seed gives the same story")
    func determinism() throws {
        let stories = try (0..<2).map { _ in
            let story = StorageStory(seed: 3)
            _ = try story.tell()
            return story.trace
        }
        #expect(stories[0] == stories[1])
        #expect(stories[0].count > 10)
    }

    @Test("commits of a follower whose leader is gone are answered", arguments: [1 as UInt64, 2])
    func leaderGone(seed: UInt64) throws {
        let story = StorageStory(seed: seed)
        let instance = try story.begin()
        let flux = try instance.handle(2)
        let answer = instance.ask(within: .seconds(20)) {
            var transaction = KVSTransaction()
            transaction.put("a", Array("1".utf8))
            try await flux.commit(transaction)
            instance.kill(0)
            transaction.put("a", Array("2".utf8))
            try await flux.commit(transaction)
        }
        #expect(throws: RPCError.self) { try answer?.get() }
    }
}

/// Some lives of one store: each begins from what the one before left on the disk, and is cut at a random moment.
final class StorageStory: @unchecked Sendable {
    private let disk = SimulatedDisk()
    private let dice: Reactor
    private let size: UInt32
    private let scheme: String
    private let failureRate: UInt64
    private var model: CommitModel
    private var life = 0
    private var handles: [Handle] = []
    /// Everything that was answered, in order and with its time.
    private(set) var trace: [String] = []

    init(seed: UInt64) {
        dice = Reactor.virtual(seed: seed)
        size = [1, 3, 4, 5][Int(dice.randomNumber() % 4)]
        scheme = ["kary:2", "kary:1"][Int(dice.randomNumber() % 2)]
        failureRate = [0, 0, 20, 5][Int(dice.randomNumber() % 4)]
        model = CommitModel(writers: Int(size))
    }

    private func random(_ limit: UInt64) -> UInt64 { dice.randomNumber() % limit }

    /// - Returns: what was wrong, empty when nothing was.
    func tell() throws -> [String] {
        for _ in 0..<3 {
            let instance = try begin()
            let problems = try check(instance)
            guard problems.isEmpty else { return problems.map { "life \(life): \($0)" } }
            disk.failureRate = failureRate
            for writer in model.writers.indices {
                for _ in 0...random(4) { commit(writer, reactor: instance.reactor) }
            }
            if size > 2, random(3) == 0 {
                advance(instance, random(15_000_000))
                instance.kill(UInt32(1 + random(UInt64(size) - 1)))
            }
            advance(instance, random(30_000_000))
            cut(instance)
        }
        let problems = try check(try begin())
        return problems.map { "at the end: \($0)" }
    }

    func begin() throws -> SimulatedInstance {
        life += 1
        // The log of starts has to be written before anything else.
        disk.failureRate = 0
        let instance = try SimulatedInstance(
            size: size, scheme: scheme, seed: dice.randomNumber(),
            services: [
                ServiceFactory("content", ContentService.self), ServiceFactory("content-sqlite", SimulatedStore.self),
                ServiceFactory("kvs", KVSService.self),
            ],
            prepare: { SimulatedDisk[$0] = disk })
        instance.reactor.advance(by: .milliseconds(100))
        let leader = try instance.handle(0), everybody = size == 1 ? "0" : "0-\(size - 1)"
        for _ in 0..<100 {
            let online = instance.ask(within: .milliseconds(50)) {
                try await leader.query("groups.get", ["name": "broker.online"])["members"]?.stringValue
            }
            if case .success(everybody)? = online { break }
        }
        handles = try (0..<Int(size)).map { try instance.handle($0) }
        return instance
    }

    /// Nothing happens any more in this life; with luck the disk has kept what was never synced.
    private func cut(_ instance: SimulatedInstance) {
        SimulatedDisk[instance.reactor] = nil
        if random(2) == 0 { disk.losePower(dice.randomNumber()) }
    }

    private func advance(_ instance: SimulatedInstance, _ nanoseconds: UInt64) {
        instance.reactor.advance(by: .nanoseconds(Int64(nanoseconds)))
    }

    /// Sends a transaction of a writer, and another one some time after its answer.
    private func commit(_ writer: Int, reactor: Reactor) {
        let (number, transaction) = model.begin(writer)
        let flags: Int64 = [0, 0, 0, 0, 0, 1, 1, 4][Int(random(8))]
        let life = life, flux = handles[writer]
        flux.commit(transaction, flags: flags) { [self] (result: Result<KVSRoot, RPCError>) in
            guard life == self.life else { return }
            switch result {
            case .success(let root):
                model.acknowledge(writer, number, version: root.sequence)
                trace.append("\(reactor.now) w\(writer) \(number) \(root.sequence) \(root.reference)")
            case .failure(let error):
                trace.append("\(reactor.now) w\(writer) \(number) error \(error.errnum)")
                // A checkpoint may fail behind a root that is on the disk; a link that broke says nothing about the commit.
                if error.errnum == Errno.noSpace, flags != 4 { model.refuse(writer, number) }
                if error.errnum == Errno.hostUnreachable { return }
            }
            reactor.schedule(after: .nanoseconds(Int64(random(2_000_000)))) { self.commit(writer, reactor: reactor) }
        }
    }

    /// Reads everything through a random rank and compares.
    private func check(_ instance: SimulatedInstance) throws -> [String] {
        let flux = try instance.handle(Int(random(UInt64(size))))
        var problems: [String] = []
        for writer in model.writers.indices {
            let found = instance.ask(within: .seconds(5)) { try await Self.read(writer, flux) }
            guard let (log, state) = try found?.get() else { return ["w\(writer) cannot be read"] }
            problems += model.problems(writer, log: log, state: state)
        }
        let root = instance.ask { try await flux.query("kvs.getroot", ["namespace": "primary"]) }
        let version = try root?.get()["rootseq"]?.intValue ?? -1
        if version < model.version { problems.append("version \(version) after \(model.version)") }
        return problems
    }

    private static func read(_ writer: Int, _ flux: Handle) async throws -> (log: [Int], state: [String: String]) {
        var state: [String: String] = [:]
        func text(_ key: String) async throws -> String? {
            do throws(RPCError) { return String(decoding: try await flux.lookup(key), as: UTF8.self) } catch {
                if error.errnum == Errno.noEntry { return nil }
                throw error
            }
        }
        let log = try await text("log.w\(writer)")?.split(separator: " ").compactMap { Int($0) } ?? []
        for key in ["last", "large"] + (0..<10).map({ "deep.k\($0)" }) { state[key] = try await text("w\(writer).\(key)") }
        return (log, state)
    }
}

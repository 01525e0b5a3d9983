import Testing

/// The tree is what `docs/architecture.md`, `README.md` and the folder READMEs say of it.
@Suite("architecture")
struct ArchitectureTests {
    let table: ImportTable
    let manifest: Manifest
    /// Where the sources of each of our modules are, below `Sources`.
    let folders: [String: String]
    let sources: [String]

    init() throws {
        table = ImportTable(markdown: try #require(SourceTree.text(of: "docs/architecture.md")))
        manifest = Manifest(text: try #require(SourceTree.text(of: "Package.swift")))
        let below = "Sources/".count
        sources = SourceTree.files(below: "Sources", ending: ".swift").map { String($0.dropFirst(below)) }
        var folders: [String: String] = [:]
        for module in manifest.formats + manifest.runtime { folders[module.name] = module.path }
        for name in SourceTree.entries(of: "Sources") where folders[name] == nil { folders[name] = name }
        self.folders = folders
    }

    @Test("the tables are found, and every file is in one layer")
    func layers() {
        #expect(table.layers.count > 5)
        #expect(table.special.count > 5)
        #expect(manifest.formats.count > 30)
        #expect(manifest.runtime.count > 10)
        for path in sources {
            #expect(table.layers(of: path).count == 1, "\(path)")
        }
    }

    @Test("imports are those of the table")
    func imports() throws {
        for path in sources {
            let text = try #require(SourceTree.text(of: "Sources/\(path)"))
            for module in SourceTree.imports(in: text).sorted() {
                let objection = table.objection(to: module, in: path, from: folders[module])
                #expect(objection == nil)
            }
        }
    }

    @Test("modules import what their row of Package.swift names")
    func manifestRows() throws {
        for module in manifest.formats + manifest.runtime {
            var used: Set<String> = []
            for file in SourceTree.files(below: "Sources/\(module.path)", ending: ".swift") {
                used.formUnion(SourceTree.imports(in: try #require(SourceTree.text(of: file))))
            }
            used.remove("Glibc")
            #expect(used.subtracting(module.imports) == [], "\(module.name) imports what its row does not name")
        }
        for format in manifest.formats {
            var used: Set<String> = []
            for file in SourceTree.files(below: "Sources/\(format.path)", ending: ".swift") {
                used.formUnion(SourceTree.imports(in: try #require(SourceTree.text(of: file))))
            }
            #expect(format.imports.subtracting(used) == [], "\(format.name) does not import all that its row names")
        }
    }

    @Test("the table of products in README.md is Package.swift's")
    func products() throws {
        let readme = try #require(SourceTree.text(of: "README.md"))
        for format in manifest.formats {
            let row = readme.split(separator: "\n").first { $0.hasPrefix("| `\(format.name)` |") }
            let cells = row?.split(separator: "|").map(String.init) ?? []
            let named = cells.last?.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                .filter { $0.offset % 2 == 1 }.map { String($0.element) }
            #expect(named.map(Set.init) == format.imports, "row of \(format.name) in README.md")
        }
    }

    @Test("every module has a README of about a screen")
    func readmes() throws {
        let places = Set(folders.values).filter { folder in
            sources.contains { ImportTable.holds(folder, $0) }
        }
        for place in places.sorted() where !place.hasPrefix("Libraries") {
            let text = SourceTree.text(of: "Sources/\(place)/README.md")
            #expect(text != nil, "Sources/\(place) has no README.md")
            let lines = text?.split(separator: "\n", omittingEmptySubsequences: false).count ?? 0
            #expect((3...90).contains(lines), "Sources/\(place)/README.md has \(lines) lines")
        }
    }

    @Test("imports are read as the compiler reads them")
    func reading() {
        let text = """
            @testable public import A
            internal import B.C
            import struct D.E
            // import F
            let important = "import G"
            @_exported import H
            """
        #expect(SourceTree.imports(in: text) == ["A", "B", "D", "H"])
    }
}

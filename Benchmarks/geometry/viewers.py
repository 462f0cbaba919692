"""Opens a mesh file of `inr mesh` in another program, and checks what that makes of it.

    viewers.py FILE RECORD.json TRIANGLES

RECORD.json is what `inr mesh --json` printed for FILE, TRIANGLES the number of triangles that its
polygons make. Prints a line of a table for each of MeshLab (pymeshlab), Blender (bpy), assimp (the
command, and trimesh to read what it exports) and trimesh, and ends with 1 unless in all of them

- the counts of vertices, polygons and triangles are those of RECORD.json, where the program tells them;
- the surface is closed and its faces agree;
- its volume is positive, so that faces look outwards, and that of RECORD.json to six digits;
- nothing that the program prints contains the word "warning" or "error".
"""

import importlib.metadata
import json
import re
import subprocess
import sys
import tempfile


def meshlab(path):
    import pymeshlab

    meshes = pymeshlab.MeshSet(verbose=True)
    meshes.load_new_mesh(path)
    mesh = meshes.current_mesh()
    topology = meshes.get_topological_measures()
    return {
        "version": importlib.metadata.version("pymeshlab"),
        "vertices": mesh.vertex_number(),
        "polygons": len(mesh.polygonal_face_list()),
        "triangles": mesh.face_number(),
        "closed": topology["is_mesh_two_manifold"]
        and topology["number_holes"] == 0
        and topology["unreferenced_vertices"] == 0,
        "volume": meshes.get_geometric_measures()["mesh_volume"],
    }


def blender(path):
    import bpy

    # Becomes importable with bpy.
    import bmesh

    bpy.ops.wm.read_factory_settings(use_empty=True)
    kind = {"obj": bpy.ops.wm.obj_import, "ply": bpy.ops.wm.ply_import}[path.rsplit(".", 1)[1]]
    kind(filepath=path)
    (thing,) = bpy.context.scene.objects
    data = thing.data
    shape = bmesh.new()
    shape.from_mesh(data)
    return {
        "version": bpy.app.version_string,
        "vertices": len(data.vertices),
        "polygons": len(data.polygons),
        "triangles": sum(len(polygon.vertices) - 2 for polygon in data.polygons),
        # `validate` tells whether it had to change anything.
        "closed": not data.validate(verbose=True)
        and all(edge.is_manifold and edge.is_contiguous for edge in shape.edges),
        "volume": shape.calc_volume(signed=True),
    }


def trimesh(path):
    import trimesh

    mesh = trimesh.load(path, process=False)
    return {
        "version": trimesh.__version__,
        "vertices": len(mesh.vertices),
        "polygons": None,
        "triangles": len(mesh.faces),
        "closed": bool(mesh.is_watertight and mesh.is_winding_consistent),
        "volume": float(mesh.volume),
    }


def assimp(path):
    import trimesh

    def run(*words):
        done = subprocess.run(["assimp", *words], capture_output=True, text=True, check=True)
        return done.stdout + done.stderr

    def count(text, name):
        return int(re.search(rf"^{name}: +(\d+)", text, re.MULTILINE).group(1))

    # As the file has it, and with equal vertices joined and faces in triangles.
    raw, joined = run("info", path, "--raw"), run("info", path)
    with tempfile.TemporaryDirectory() as folder:
        # With a log. That of `info` asks for texture coordinates.
        log = run("export", path, f"{folder}/out.ply", "-l", "-v")
        mesh = trimesh.load(f"{folder}/out.ply")
    print(log)
    return {
        "version": re.search(r"Assimp ([\d.]+)", log).group(1),
        "vertices": count(joined, "Vertices"),
        "polygons": count(raw, "Faces"),
        "triangles": count(joined, "Faces"),
        "closed": bool(mesh.is_watertight and mesh.is_winding_consistent),
        "volume": float(mesh.volume),
    }


PROGRAMS = {"meshlab": meshlab, "blender": blender, "assimp": assimp, "trimesh": trimesh}


def check(program, path, expected):
    """A line of the table, and whether all is well. Each program has a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "always", __file__, "--open", program, path],
        capture_output=True, text=True)
    output = done.stdout + done.stderr
    (result,) = re.findall(r"^RESULT (.*)$", output, re.MULTILINE) or [None]
    if result is None:
        print(f"| {path} | {program} | does not open: {output.strip().splitlines()[-1]} |")
        return False
    found = json.loads(result)
    complaints = re.findall(r"^.*(?:warn|error).*$", output, re.MULTILINE | re.IGNORECASE)
    wrong = [name for name, value in expected.items() if found[name] not in (value, None)]
    if abs(found["volume"] / expected["volume"] - 1) < 1e-6:
        wrong.remove("volume")
    counts = " | ".join("" if found[name] is None else str(found[name]) for name in list(expected)[:3])
    print(
        f"| {path.rsplit('/', 1)[-1]} | {program} {found['version']} | {counts} | {found['closed']} | "
        f"{found['volume']:.8g} | {'; '.join(complaints) or 'none'} | {', '.join(wrong) or 'nothing'} |")
    return not wrong and not complaints


def main():
    if sys.argv[1] == "--open":
        print("\nRESULT " + json.dumps(PROGRAMS[sys.argv[2]](sys.argv[3])))
        return
    with open(sys.argv[2]) as file:
        mesh = json.load(file)["mesh"]
    expected = {
        "vertices": mesh["vertices"], "polygons": mesh["faces"], "triangles": int(sys.argv[3]),
        "closed": True, "volume": mesh["volume"],
    }
    results = [check(program, sys.argv[1], expected) for program in PROGRAMS]
    sys.exit(0 if all(results) else 1)


main()

"""Writes files as C, gzip-compressed, for ui/embedded_file.h. Both builders of pages use it."""
import gzip
import hashlib
import pathlib

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}


def as_c(number, name, data):
    packed = gzip.compress(data, 9, mtime=0)
    rows = [", ".join(f"{byte}" for byte in packed[at:at + 32]) for at in range(0, len(packed), 32)]
    body = ",\n        ".join(rows)
    kind = TYPES[pathlib.PurePath(name).suffix]
    etag = hashlib.sha256(data).hexdigest()[:32]
    return (f"static const unsigned char bytes_{number}[] = {{\n        {body}\n}};\n",
            f'        {{ "{name}", "{kind}", "{etag}", bytes_{number}, sizeof(bytes_{number}), {len(data)} }},\n')


def write(output, variable, header, files):
    """files: name to bytes; variable: the table that the header declares."""
    made = [as_c(number, name, data) for number, (name, data) in enumerate(files.items())]
    text = f'/* Made by embed_files.py. */\n#include "{header}"\n\n' + "".join(array for array, _ in made)
    text += f"\nconst EmbeddedFile {variable}[] = {{\n" + "".join(row for _, row in made) + "        { 0 },\n};\n"
    pathlib.Path(output).write_text(text)


def write_depfile(depfile, output, sources):
    pathlib.Path(depfile).write_text(f"{output}: {' '.join(str(file) for file in sources)}\n")

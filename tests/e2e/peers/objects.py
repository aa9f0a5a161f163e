"""DICOM objects of a machine that does not exist, for patients who do not exist."""

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian, UID, generate_uid

CT = "1.2.840.10008.5.1.4.1.1.2"

# What an inventory should learn from one object.
DEVICE = {
    "Modality": "CT",
    "Manufacturer": "Wardwatch Test Works",
    "ManufacturerModelName": "Phantom 9000",
    "DeviceSerialNumber": "SN-0042-7",
    "SoftwareVersions": ["4.7.11", "OS 2.1"],
    "StationName": "CTROOM7",
}

# A frame that no decoder needs to like: the monitor never looks inside.
JPEG = bytes.fromhex("ffd8ffdb0004000fffd9")


def image(transfer_syntax=ExplicitVRLittleEndian, rows=64, **attributes):
    """A CT slice in a transfer syntax."""
    transfer_syntax = UID(transfer_syntax)
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = CT, generate_uid()
    ds.StudyInstanceUID, ds.SeriesInstanceUID = generate_uid(), generate_uid()
    ds.PatientName, ds.PatientID, ds.StudyID = "Nobody^Invented", "0000", "1"
    ds.StudyDate, ds.StudyTime = "20260102", "030405"
    for keyword, value in {**DEVICE, **attributes}.items():
        setattr(ds, keyword, value)
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = rows, rows
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 0
    if transfer_syntax.is_encapsulated:
        ds.PixelData = encapsulate([JPEG * (rows * rows // 8)])
        ds["PixelData"].VR = "OB"
    else:
        ds.PixelData = bytes(range(256)) * (rows * rows * 2 // 256)
        ds["PixelData"].VR = "OW"
    return of_file(ds, transfer_syntax)


def of_file(ds, transfer_syntax=ExplicitVRLittleEndian):
    """The object with its file meta information, ready to be written or sent."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
    meta.TransferSyntaxUID = UID(transfer_syntax)
    whole = FileDataset(None, ds, file_meta=meta, preamble=b"\0" * 128)
    whole.set_original_encoding(meta.TransferSyntaxUID.is_implicit_VR, meta.TransferSyntaxUID.is_little_endian)
    return whole


def save(ds, path):
    ds.save_as(path, enforce_file_format=True)


if __name__ == "__main__":
    # objects.py FILE TRANSFER_SYNTAX [ROWS]
    import sys

    save(image(sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 64), sys.argv[1])
